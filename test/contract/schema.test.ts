import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { ROOT } from '../support/compiled';
import { createOwnSchema } from '../support/own-schema';
import { findDifferences } from '../support/schema-differences';

const CONTRACT = readFileSync(path.join(ROOT, 'test/fixtures/contract.graphql'), 'utf8');
const contract = buildSchema(CONTRACT);

/** What the contract promises and nobody can ask yet: a line goes when its mutation comes. */
const AWAITED = ['StartCanary', 'StopCanary', 'StartShadow', 'StopShadow'].flatMap((name) => [
  `Mutation.${name.charAt(0).toLowerCase()}${name.slice(1)} is missing`,
  `${name}Input is missing`,
  `${name}Payload is missing`,
]);

/** Every part of a type that a client can name, with what is said of it. */
function describedParts(type: GraphQLNamedType): [string, string | null | undefined][] {
  const parts: [string, string | null | undefined][] = [[type.name, type.description]];
  if (isEnumType(type))
    for (const value of type.getValues()) parts.push([`${type.name}.${value.name}`, value.description]);
  if (isInputObjectType(type))
    for (const field of Object.values(type.getFields())) parts.push([`${type.name}.${field.name}`, field.description]);
  if (isObjectType(type) || isInterfaceType(type))
    for (const field of Object.values(type.getFields())) {
      parts.push([`${type.name}.${field.name}`, field.description]);
      for (const argument of field.args)
        parts.push([`${type.name}.${field.name}(${argument.name}:)`, argument.description]);
    }
  return parts;
}

describe('the schema', () => {
  let schema: GraphQLSchema;
  beforeAll(() => {
    schema = createOwnSchema();
  });

  it('keeps every promise of the contract', () => {
    expect(findDifferences(contract, schema).sort()).toEqual(AWAITED.sort());
  });

  it('describes every type, field, argument and value', () => {
    const types = Object.values(schema.getTypeMap()).filter(
      (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
    );
    // The three root types are entered by their fields.
    const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
    const undescribed = types
      .flatMap((type) => describedParts(type).filter(([name]) => !(roots.has(type as never) && name === type.name)))
      .filter(([, description]) => !description?.trim())
      .map(([name]) => name);
    expect(undescribed).toEqual([]);
  });

  it('is the same as the one that is committed', () => {
    const committed = buildSchema(readFileSync(path.join(ROOT, 'schema/schema.graphql'), 'utf8'));
    // The printed text keeps no oneOf, which the comparison with the contract looks at.
    const withoutOneOf = (difference: string): boolean => !difference.endsWith('@oneOf');
    expect(findDifferences(committed, schema).filter(withoutOneOf)).toEqual([]);
    expect(findDifferences(schema, committed).filter(withoutOneOf)).toEqual([]);
  });
});

describe('the comparison', () => {
  it.each([
    ['a type that is missing', /\bViewer\b/g, 'Spectator', 'Viewer is missing'],
    ['a field that is missing', '  tokens: Int!\n', '', 'SentimentAnalysis.tokens is missing'],
    ['a field of another type', '  tokens: Int!\n', '  tokens: Float!\n', 'is of type Float! instead of Int!'],
    ['a field that may be null', '  tokens: Int!\n', '  tokens: Int\n', 'is of type Int instead of Int!'],
    ['an argument that is missing', 'models(task: Task)', 'models', 'Query.models.task is missing'],
    [
      'an argument that is new and demanded',
      'models(task: Task)',
      'models(task: Task, page: Int!)',
      'page is demanded',
    ],
    ['another default', 'topK: Int! = 5', 'topK: Int! = 6', 'topK has the default 6 instead of 5'],
    ['a default that is gone', 'topK: Int! = 5', 'topK: Int!', 'topK has the default nothing instead of 5'],
    ['an input field that is missing', /".*"\n {2}stickyKey: String\n/, '', 'PredictOptions.stickyKey is missing'],
    [
      'an input field that is new and demanded',
      '  stickyKey: String\n',
      '  stickyKey: String\n  a: Int!\n',
      'a is demanded',
    ],
    ['an enum value that is missing', 'LOW MEDIUM HIGH', 'LOW HIGH', 'RiskLevel.MEDIUM is missing'],
    ['an input that is no longer one of several', 'ImageSource @oneOf', 'ImageSource', 'ImageSource is not @oneOf'],
    [
      'an interface that is gone',
      'type SentimentAnalysis implements Prediction',
      'type SentimentAnalysis',
      'does not implement Prediction',
    ],
    ['a type of another kind', /type PageInfo \{[^}]*\}/, 'scalar PageInfo', 'PageInfo is of another kind'],
    [
      'a scalar without its specification',
      /scalar DateTime @specifiedBy\(.*\)/,
      'scalar DateTime',
      'DateTime is not specified by',
    ],
  ])('notices %s', (_, from, to, difference) => {
    const changed = CONTRACT.replace(from, to);
    expect(changed).not.toBe(CONTRACT);
    // One change must show; what it drags along may.
    const differences = findDifferences(contract, buildSchema(changed, { assumeValidSDL: true }));
    expect(differences).toContainEqual(expect.stringContaining(difference));
  });

  it('minds nothing that is new and optional', () => {
    const grown = CONTRACT.replace('LOW MEDIUM HIGH', 'LOW MEDIUM HIGH EXTREME')
      .replace('models(task: Task)', 'models(task: Task, page: Int)')
      .replace('  stickyKey: String\n', '  stickyKey: String\n  colour: String\n')
      .replace('  tokens: Int!\n', '  tokens: Int!\n  words: Int!\n');
    expect(findDifferences(contract, buildSchema(grown))).toEqual([]);
  });
});
