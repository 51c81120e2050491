import { getIntrospectionQuery, parse, specifiedRules, validate, type GraphQLSchema } from 'graphql';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DOCUMENT_LIMITS, findExcess, limitDocument } from '../../../src/guards/document-limits';
import { createOwnSchema } from '../../support/own-schema';
import { ROOT } from '../../support/server';

let schema: GraphQLSchema;
beforeAll(() => {
  schema = createOwnSchema();
});

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
const nested = (depth: number): string => `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`;
/** So many pairs of the same field: n of it are n × (n - 1) / 2. */
const same = (count: number): string => `{ ${'a '.repeat(count)} }`;

describe('the limits of a document', () => {
  it.each<[string, string, string]>([
    ['fields within fields', nested(DOCUMENT_LIMITS.depth), nested(DOCUMENT_LIMITS.depth + 1)],
    [
      'fields, those of fragments included',
      `{ ${times(9, (index) => `a${index} { ...F }`)} b } fragment F on T { ${times(109, (index) => `b${index}`)} }`,
      `{ ${times(9, (index) => `a${index} { ...F }`)} b c } fragment F on T { ${times(109, (index) => `b${index}`)} }`,
    ],
    ['repetitions of a field', same(32), same(33)],
    [
      'fields of an operation',
      `{ ${times(100, (index) => `a${index}`)} }`,
      `{ ${times(101, (index) => `a${index}`)} }`,
    ],
    [
      'aliases',
      `{ x { ${times(100, (index) => `a${index}: b`)} } }`,
      `{ x { ${times(101, (index) => `a${index}: b`)} } }`,
    ],
    ['directives', `{ a ${'@b '.repeat(50)} }`, `{ a ${'@b '.repeat(51)} }`],
    [
      'fragments',
      `{ a } ${times(50, (index) => `fragment F${index} on T { a }`)}`,
      `{ a } ${times(51, (index) => `fragment F${index} on T { a }`)}`,
    ],
    ['operations', times(20, (index) => `query Q${index} { a }`), times(21, (index) => `query Q${index} { a }`)],
    ['a name', `{ ${'a'.repeat(128)} }`, `{ ${'a'.repeat(129)} }`],
  ])('%s may be at the limit and no further', (_what, within, beyond) => {
    expect(findExcess(parse(within))).toBeUndefined();
    expect(findExcess(parse(beyond))).toMatchObject({ code: 'QUERY_TOO_COSTLY' });
  });

  it('refuse a fragment that leads back to itself, and none that is used twice', () => {
    const twice = '{ a { ...F } b { ...F } } fragment F on T { c { ...G } } fragment G on T { d }';
    expect(findExcess(parse(twice))).toBeUndefined();
    const circle = '{ a { ...F } } fragment F on T { c { ...G } } fragment G on T { d { ...F } }';
    expect(findExcess(parse(circle))).toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  it('hold for fragments that nothing uses', () => {
    expect(findExcess(parse(`{ a } fragment F on T ${same(33)}`))).toMatchObject({ code: 'QUERY_TOO_COSTLY' });
  });

  it('are met by what tools ask of the schema, and by every operation of the client', () => {
    const folder = path.join(ROOT, 'schema/operations');
    const files = readdirSync(folder).filter((file) => file.endsWith('.graphql'));
    const operations = files.map((file) => readFileSync(path.join(folder, file), 'utf8'));
    expect(operations.length).toBeGreaterThan(5);
    for (const text of [...operations, getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true })])
      expect(findExcess(parse(text))).toBeUndefined();
  });

  it('spare the other rules a document that is beyond them', () => {
    const document = parse(`{ ${times(101, (index) => `unknown${index}`)} }`);
    expect(validate(schema, document, specifiedRules)).toHaveLength(101);
    const errors = validate(schema, document, [...specifiedRules, limitDocument]);
    expect(errors.map(({ originalError }) => originalError)).toMatchObject([{ code: 'QUERY_TOO_COSTLY' }]);
  });

  it('leave the other rules a document that is within them', () => {
    expect(validate(schema, parse('{ unknown }'), [...specifiedRules, limitDocument])).toHaveLength(1);
    expect(validate(schema, parse('{ viewer { name } }'), [...specifiedRules, limitDocument])).toEqual([]);
  });
});
