import { buildSchema, GraphQLError, getOperationAST, parse, type GraphQLScalarType } from 'graphql';
import fc from 'fast-check';
import { findVariableFaults } from '../../../src/graphql/coerce-variables';
import { LocalDateTime, Upload, Url } from '../../../src/scalars.type';

const SECRET = 'c2VjcmV0';

const schema = buildSchema(`
  scalar LocalDateTime
  scalar URL
  scalar Upload
  enum Colour { RED GREEN }
  input Source @oneOf { base64: String  upload: Upload  url: URL }
  input Inner { text: String!  number: Int  colour: Colour }
  input Outer { inner: Inner!  inners: [Inner!]  source: Source  at: LocalDateTime }
  type Query { field(
    int: Int  float: Float  string: String  boolean: Boolean  id: ID  colour: Colour  at: LocalDateTime  url: URL
    upload: Upload  ints: [Int!]  matrix: [[Float!]!]  outer: Outer  outers: [Outer!]  source: Source
  ): Int }
`);
for (const scalar of [LocalDateTime, Upload, Url] as GraphQLScalarType[])
  Object.assign(schema.getType(scalar.name) as object, { parseValue: scalar.parseValue.bind(scalar) });

/** Faults of one variable of the given type. */
function faultsOf(type: string, variables: Readonly<Record<string, unknown>>): { path: string; message: string }[] {
  const operation = getOperationAST(parse(`query ($v: ${type}) { __typename }`));
  if (!operation) throw new Error('There is no operation.');
  return findVariableFaults(schema, operation, variables);
}

describe('a variable that fits', () => {
  it.each([
    ['Int', 1],
    ['Int', null],
    ['Float!', 1.5],
    ['Float!', 2],
    ['String!', SECRET],
    ['Boolean!', false],
    ['ID!', 7],
    ['Colour!', 'RED'],
    ['LocalDateTime!', '2018-07-20T15:00'],
    ['URL!', 'https://example.org/cat.jpg'],
    ['[Int!]!', [1, 2]],
    ['[Int!]!', 1],
    ['Source!', { base64: SECRET }],
    ['Outer!', { inner: { text: 'a' }, inners: [{ text: 'b', colour: 'GREEN' }] }],
  ])('has no fault: %s = %j', (type, v) => {
    expect(faultsOf(type, { v })).toEqual([]);
  });

  it('may be left out where it has a default or may be null', () => {
    expect(faultsOf('Int', {})).toEqual([]);
    expect(faultsOf('Int! = 5', {})).toEqual([]);
  });
});

describe('a variable that does not fit', () => {
  it.each([
    ['Int!', SECRET, 'v', 'Expected a value of type Int!.'],
    ['Int!', 1.5, 'v', 'Expected a value of type Int!.'],
    ['Int!', 2 ** 31, 'v', 'Expected a value of type Int!.'],
    ['Float!', SECRET, 'v', 'Expected a value of type Float!.'],
    ['Float', NaN, 'v', 'Expected a value of type Float.'],
    ['String!', 42, 'v', 'Expected a value of type String!.'],
    ['String!', { secret: SECRET }, 'v', 'Expected a value of type String!.'],
    ['Boolean!', SECRET, 'v', 'Expected a value of type Boolean!.'],
    ['ID!', true, 'v', 'Expected a value of type ID!.'],
    ['Colour!', SECRET, 'v', 'Expected one of RED, GREEN.'],
    ['Colour!', 'red', 'v', 'Expected one of RED, GREEN.'],
    ['Colour!', 1, 'v', 'Expected one of RED, GREEN.'],
    ['LocalDateTime!', SECRET, 'v', 'Expected a clock time without zone, such as 2018-07-20T15:00.'],
    ['LocalDateTime!', '2018-02-31T10:00', 'v', 'Expected a day that exists in the calendar.'],
    [
      'LocalDateTime!',
      '2018-02-28T24:00',
      'v',
      'Expected a clock time from 00:00:00 to 23:59:59; midnight is 00:00 of the next day.',
    ],
    ['URL!', SECRET, 'v', 'Expected a value of type URL!.'],
    ['Upload!', SECRET, 'v', 'Expected a value of type Upload!.'],
    ['[Int!]!', [1, SECRET], 'v.1', 'Expected a value of type Int!.'],
    ['[Int!]!', SECRET, 'v', 'Expected a value of type [Int!]!.'],
    ['[[Float!]!]!', [[1], [2, SECRET]], 'v.1.1', 'Expected a value of type Float!.'],
    [
      'Source!',
      { base64: SECRET, url: 'https://example.org' },
      'v',
      'Exactly one key must be specified for OneOf type "Source".',
    ],
    ['Source!', {}, 'v', 'Exactly one key must be specified for OneOf type "Source".'],
    ['Source!', { base64: 42 }, 'v.base64', 'Expected a value of type String.'],
    ['Source!', SECRET, 'v', 'Expected a value of type Source!.'],
    ['Outer!', {}, 'v', 'Field "inner" of required type "Inner!" was not provided.'],
    ['Outer!', { inner: { text: 'a', txt: SECRET } }, 'v.inner', 'Field "txt" is not defined by type "Inner".'],
    ['Outer!', { inner: { text: null } }, 'v.inner.text', 'Expected a value of type String!.'],
    ['Outer!', { inner: { text: 'a', colour: SECRET } }, 'v.inner.colour', 'Expected one of RED, GREEN.'],
    ['[Outer!]!', { inner: { text: 1 } }, 'v.inner.text', 'Expected a value of type String!.'],
    [
      '[Outer!]!',
      [{ inner: { text: 'a' }, at: SECRET }],
      'v.0.at',
      'Expected a clock time without zone, such as 2018-07-20T15:00.',
    ],
  ])('is told by its path and what was expected: %s = %j', (type, v, path, message) => {
    expect(faultsOf(type, { v })).toEqual([{ path, message }]);
  });

  it('is told when it is missing', () => {
    expect(faultsOf('Int!', {})).toEqual([{ path: 'v', message: 'Expected a value of type Int!.' }]);
    expect(faultsOf('Int!', { v: null })).toEqual([{ path: 'v', message: 'Expected a value of type Int!.' }]);
  });

  it('is told with all its other faults, but not with thousands', () => {
    const faults = faultsOf('Outer!', { v: { inner: { text: 1, number: SECRET }, inners: [{}], source: {} } });
    expect(faults.map(({ path }) => path)).toEqual(['v.inner.text', 'v.inner.number', 'v.inners.0', 'v.source']);
    expect(faultsOf('[Int!]!', { v: Array(10_000).fill(SECRET) })).toHaveLength(50);
  });

  it('is never repeated, whatever it is', () => {
    const types = [
      'Int!',
      'Float!',
      'String!',
      'Boolean!',
      'ID!',
      'Colour!',
      'LocalDateTime!',
      'URL!',
      '[Int!]!',
      '[[Float!]!]!',
      'Source!',
      'Outer!',
      '[Outer!]!',
    ];
    const marker = 'SeCrEt';
    const texts = fc
      .tuple(fc.string(), fc.string())
      .map(([before, after]) => `${before}${marker}${after}`)
      .chain((text) =>
        fc.constantFrom(text, `; Expected ${text}`, `Expected a clock time ${text}`, `"; Expected a day ${text}`),
      );
    const values = fc.oneof(
      texts,
      texts.map((text) => [text]),
      texts.map((text) => ({ inner: { text: [text], colour: text, number: text }, at: text, source: { url: text } })),
      texts.map((text) => ({ base64: [text] })),
      texts.map((text) => ({ inner: text })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...types), values, (type, v) => {
        expect(JSON.stringify(faultsOf(type, { v }))).not.toContain(marker);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a scalar of ours throws', () => {
  it('is an error of GraphQL, whose words are sent as they are', () => {
    expect(() => LocalDateTime.parseValue(SECRET)).toThrow(GraphQLError);
  });
});
