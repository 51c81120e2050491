import { getIntrospectionQuery } from 'graphql';
import type { Draw } from './draw';
import { edgeString } from './edge-values';

const TOKENS = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  ':',
  '!',
  '=',
  '@',
  '|',
  '&',
  '$',
  '...',
  '#',
  '"',
  '"""',
  ',',
  '\\',
  '\u0000',
];
const WORDS = ['query', 'fragment', 'on', 'mutation', 'subscription', 'null', 'true', '__typename', 'viewer', '1e999'];

/** A document in which something is wrong, or much too much of something. */
export function breakDocument(draw: Draw, query: string): string {
  const position = draw.int(0, query.length);
  const rest = query.slice(position);
  return draw.weighted<() => string>([
    [4, () => query.slice(0, position) + draw.pick(TOKENS) + rest],
    [3, () => query.slice(0, position) + rest.slice(draw.int(1, 12))],
    [2, () => query.slice(0, position)],
    [2, () => `${query.slice(0, position)} ${draw.pick(WORDS)} ${rest}`],
    [2, () => query.slice(0, position) + edgeString(draw) + rest],
    [1, () => shuffle(draw, query)],
    [1, () => edgeString(draw)],
    [1, () => `${query} ${query}`],
    [1, () => draw.list(1, 60, () => draw.pick([...TOKENS, ...WORDS])).join(' ')],
    [1, () => bomb(draw)],
  ])();
}

/** Small documents that ask for large things. */
function bomb(draw: Draw): string {
  const count = draw.pick([10, 100, 1_000, 5_000]);
  const times = (create: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => create(index)).join(' ');
  return draw.pick([
    () => `{ ${times((index) => `a${index}: viewer { name }`)} }`,
    () => `{ ${times((index) => `a${index}: sentiment(input: { text: "Fine." }) { label }`)} }`,
    () => `{ viewer { ${times(() => 'name')} } }`,
    () => `{ viewer { name ${times(() => '@include(if: true)')} } }`,
    () => `{ ${'models { versions { model { '.repeat(count)}name${' } } }'.repeat(count)} }`,
    () => '{'.repeat(count),
    () => `{ viewer(a: ${'['.repeat(count)}${']'.repeat(count)}) { name } }`,
    () => `query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }`,
    () => `{ ...f0 } ${times((index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`)}`,
    () => `query (${times((index) => `$v${index}: Int`)}) { viewer { name } }`,
    () => `{ ${times(() => '__schema { types { name } }')} }`,
    () => getIntrospectionQuery(),
    () => `#${'x'.repeat(count)}\n{ viewer { name } }`,
  ])();
}

function shuffle(draw: Draw, query: string): string {
  const tokens = query.split(/\s+/);
  for (let swaps = 0; swaps < 4; swaps++) {
    const [one, other] = [draw.int(0, tokens.length - 1), draw.int(0, tokens.length - 1)];
    [tokens[one], tokens[other]] = [tokens[other]!, tokens[one]!];
  }
  return tokens.join(' ');
}
