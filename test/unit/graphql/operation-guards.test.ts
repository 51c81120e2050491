import { getIntrospectionQuery, getOperationAST, parse, type GraphQLSchema } from 'graphql';
import { RequestContext } from '../../../src/context';
import { AppError } from '../../../src/errors';
import { createOperationGuards } from '../../../src/graphql/operation-guards';
import type { MeasuredMs } from '../../../src/prediction/cost';
import { createOwnSchema } from '../../support/own-schema';
import { createCaller } from '../../support/caller';

let schema: GraphQLSchema;
beforeAll(() => {
  schema = createOwnSchema();
});

interface Asked {
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
  readonly maxQueryCost?: number;
  readonly measuredMs?: MeasuredMs;
}

/** What the guards refuse an operation with; undefined when they let it pass. */
function refusalOf(
  query: string,
  { variables = {}, operationName, maxQueryCost = 200, measuredMs }: Asked = {},
): AppError | undefined {
  const document = parse(query);
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new Error('There is no such operation.');
  const context = new RequestContext(createCaller());
  try {
    for (const guard of createOperationGuards({ maxQueryCost, measuredMs }))
      guard({ schema, document, operation, variables, context });
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

/** Cost in inferences, as the refusal of a limit below everything tells it. */
function costOf(query: string, asked: Asked = {}): unknown {
  return refusalOf(query, { ...asked, maxQueryCost: -1 })?.extensions['cost'];
}

const texts = (count: number): { text: string }[] => Array.from({ length: count }, () => ({ text: 'Fine.' }));
const SPENDING = '{ transactions: 0, averageAmount: 0 }';
const RISK = '{ transactions: 0, fraudShare: 0 }';
const windows = (window: string): string => `{ last1Day: ${window}, last7Days: ${window}, last30Days: ${window} }`;
const PURCHASE = `{ amount: 1, occurredAt: "2018-07-20T15:00", customer: ${windows(SPENDING)}, terminal: ${windows(RISK)} }`;
const LIST = 'query ($inputs: [SentimentInput!]!) { sentimentList(inputs: $inputs) { label } }';

describe('fragments that spread others twice each', () => {
  it.each([5, 14, 18, 30, 45])('are refused or let pass in no time, %i deep', (depth) => {
    const links = Array.from({ length: depth }, (_, index) => {
      return `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`;
    });
    const query = `{ ...F0 } ${links.join(' ')} fragment F${depth} on Query { viewer { name } }`;
    const startedAt = performance.now();
    expect(refusalOf(query)?.code).toBe(depth === 5 ? undefined : 'QUERY_TOO_COSTLY');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('the cost of a request', () => {
  it.each([
    ['one inference', '{ sentiment(input: { text: "a" }) { label confidence timing { totalMs } } }', 1],
    ['each alias', '{ a: sentiment(input: { text: "a" }) { label } b: sentiment(input: { text: "b" }) { label } }', 2],
    ['each item of a list', '{ sentimentList(inputs: [{ text: "a" }, { text: "b" }, { text: "c" }]) { label } }', 3],
    ['a single item that stands for a list', '{ sentimentList(inputs: { text: "a" }) { label } }', 1],
    ['the reasons', `{ fraudScore(input: ${PURCHASE}) { probability reasons { input } } }`, 2],
    [
      'the reasons of each item',
      `{ fraudScoreList(inputs: [${PURCHASE}, ${PURCHASE}]) { probability reasons { input } } }`,
      4,
    ],
    [
      'the reasons by each alias',
      `{ fraudScore(input: ${PURCHASE}) { a: reasons { input } b: reasons(first: 1) { input } } }`,
      3,
    ],
    ['what a fragment adds', '{ ...F } fragment F on Query { sentiment(input: { text: "a" }) { label } }', 1],
    [
      'nothing for models',
      '{ models { name versions { version model { name versions { version } } } } viewer { name } }',
      0,
    ],
  ])('counts %s', (_, query, cost) => {
    expect(costOf(query)).toBe(cost);
  });

  it('counts an inference for more where the model was measured to take longer', () => {
    const measuredMs: MeasuredMs = (task) => ({ 'classify-image': 0, sentiment: 75, 'fraud-score': 10 })[task];
    expect(costOf(LIST, { variables: { inputs: texts(10) }, measuredMs })).toBe(15);
    // One row is quick, but each reasons are 14.
    expect(costOf(`{ fraudScore(input: ${PURCHASE}) { reasons { input } } }`, { measuredMs })).toBe(4);
    expect(costOf('{ sentiment(input: { text: "a" }) { label } }', { measuredMs: () => 1 })).toBe(1);
  });

  it('counts the items of a list in a variable', () => {
    expect(costOf(LIST, { variables: { inputs: texts(7) } })).toBe(7);
  });

  it('counts only the operation that is asked for', () => {
    const query = `query One { sentiment(input: { text: "a" }) { label } } query None { viewer { name } }`;
    expect(costOf(query, { operationName: 'One' })).toBe(1);
    expect(costOf(query, { operationName: 'None' })).toBe(0);
  });

  it('may be as high as the limit and no higher', () => {
    expect(refusalOf(LIST, { variables: { inputs: texts(5) }, maxQueryCost: 5 })).toBeUndefined();
    const error = refusalOf(LIST, { variables: { inputs: texts(6) }, maxQueryCost: 5 });
    expect(error).toMatchObject({ code: 'QUERY_TOO_COSTLY', extensions: { cost: 6, maxQueryCost: 5 } });
    expect(error?.message).toContain('6 inferences; at most 5');
  });

  it('cannot be hidden behind a directive that a variable switches', () => {
    const query = 'query ($on: Boolean!) { sentiment(input: { text: "a" }) @include(if: $on) { label } }';
    expect(costOf(query, { variables: { on: true } })).toBe(1);
    expect(costOf(query, { variables: { on: false } })).toBe(0);
  });
});

describe('the variables', () => {
  it('are refused with all their faults before anything is counted', () => {
    const error = refusalOf(LIST, { variables: { inputs: [{ text: 1 }, {}] }, maxQueryCost: 0 });
    expect(error?.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(error?.extensions['fields']).toEqual([
      { path: 'inputs.0.text', message: 'Expected a value of type String!.' },
      { path: 'inputs.1', message: 'Field "text" of required type "String!" was not provided.' },
    ]);
    expect(error?.message).toContain('$inputs.0.text: Expected a value of type String!.');
  });

  it('pass when they fit', () => {
    expect(refusalOf(LIST, { variables: { inputs: texts(2) } })).toBeUndefined();
  });
});

describe('the size of an answer', () => {
  const versionsOfModels = (depth: number): string =>
    `{ models ${'{ versions { model '.repeat(depth)} { name } ${'} }'.repeat(depth)} }`;

  it('is limited where no inference is asked for', () => {
    expect(refusalOf(versionsOfModels(2))).toBeUndefined();
    const error = refusalOf(versionsOfModels(4));
    expect(error).toMatchObject({
      code: 'QUERY_TOO_COSTLY',
      message: expect.stringContaining('100000 values') as string,
    });
  });

  it('cannot be hidden in a fragment, or in one that names a type', () => {
    const query =
      '{ models { ...F } } fragment F on Model { versions { ... on ModelVersion { model { ...G } } } } fragment G on Model';
    expect(refusalOf(`${query} { name }`)).toBeUndefined();
    expect(refusalOf(`${query} ${versionsOfModels(4).slice('{ models '.length, -1)}`)?.code).toBe('QUERY_TOO_COSTLY');
  });

  it('lets tools read the schema, but not many times at once', () => {
    const introspection = getIntrospectionQuery({ inputValueDeprecation: true });
    expect(refusalOf(introspection)).toBeUndefined();
    const schemas = Array.from(
      { length: 40 },
      (_, index) => `a${index}: __schema { types { fields { args { name } } } }`,
    );
    expect(refusalOf(`{ ${schemas.slice(0, 5).join(' ')} }`)).toBeUndefined();
    const deep = '{ types { fields { name args { name type { fields { name args { name } } } } } } }';
    expect(refusalOf(`{ ${schemas.map((each) => each.replace(/ \{.*/, ` ${deep}`)).join(' ')} }`)?.code).toBe(
      'QUERY_TOO_COSTLY',
    );
  });
});
