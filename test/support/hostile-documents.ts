/** Documents that are small to send and large to work through, by what they are. */
export const HOSTILE_DOCUMENTS: Readonly<Record<string, string>> = {
  'the same field again and again': `{ ${'__typename '.repeat(900)} }`,
  'the same field with fields in it': `{ ${'viewer { name } '.repeat(220)} }`,
  'the same field three deep': `{ ${'models { versions { phase } } '.repeat(120)} }`,
  'the same field with arguments': `{ ${'model(name: "m") { name } '.repeat(90)} }`,
  'many aliases': `{ ${times(200, (index) => `a${index}: __typename`)} }`,
  'many fields of the operation': `{ ${times(300, (index) => `field${index}`)} }`,
  'many directives': `{ viewer { name ${'@include(if: true) '.repeat(100)} } }`,
  'fields deep within fields': `{ model(name: "m") ${'{ versions { model '.repeat(60)} { name } ${'} }'.repeat(60)} }`,
  'objects deep within an argument': `{ sentiment(input: ${'{ text: '.repeat(300)} "a" ${'}'.repeat(300)}) { label } }`,
  'fragments that double each time': chainOf(18, (next) => `versions { model { ...${next} ...${next} } } ...${next}`),
  'fragments that double thirty times': doubling(30),
  'fragments that double fourteen times': doubling(14),
  'fragments that spread all others': completeFragments(20),
  'many fragments': `{ models { ${times(60, (index) => `...F${index}`)} } } ${times(60, (index) => `fragment F${index} on Model { name }`)}`,
  'fragments wide and side by side': `{ models { ${times(20, (index) => `...F${index}`)} } } ${times(20, (index) => `fragment F${index} on Model { ${'versions { phase } '.repeat(7)} }`)}`,
  'many operations over one fragment': `${times(60, (index) => `query Q${index} { models { ...F } }`)} fragment F on Model { ${'name '.repeat(200)} }`,
  'a name of a million characters': `{ ${'x'.repeat(1_000_000)} }`,
  'names of ten thousand characters': `{ ${times(90, (index) => `${'models'.repeat(1_700)}${index}`)} }`,
  'a fragment in itself': '{ models { ...F } } fragment F on Model { versions { model { ...F } } }',
  'fragments in a circle': `{ models { ...F0 } } ${times(40, (index) => `fragment F${index} on Model { ...F${(index + 1) % 40} }`)}`,
  'fragments each of which contains all': `{ models { ...F0 } } ${times(14, (index) => `fragment F${index} on Model { ${times(14, (other) => `...F${other}`)} }`)}`,
  'versions of models of versions': `{ models ${'{ versions { model '.repeat(5)} { name } ${'} }'.repeat(5)} }`,
  'the schema again and again': `{ ${times(40, (index) => `a${index}: __schema { types { name fields { name args { name description type { name kind } } } } }`)} }`,
};

function times(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join(' ');
}

function chainOf(length: number, body: (next: string) => string): string {
  const links = times(length, (index) => `fragment F${index} on Model { ${body(`F${index + 1}`)} }`);
  return `{ models { ...F0 } } ${links} fragment F${length} on Model { name }`;
}

/** Each is spread twice side by side: executed once, but walked through twice as often with every step. */
function doubling(length: number): string {
  const links = times(length, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`);
  return `{ ...F0 } ${links} fragment F${length} on Query { viewer { name } }`;
}

function completeFragments(count: number): string {
  const spreads = (from: number): string => times(count - from, (index) => `...F${from + 1 + index}`);
  return `{ models { ...F0 } } ${times(count, (index) => `fragment F${index} on Model { ${spreads(index)} }`)} fragment F${count} on Model { name }`;
}
