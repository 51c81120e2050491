import { getOperationAST, parse, type GraphQLSchema } from 'graphql';
import { RequestContext } from '../../../src/context';
import { AppError } from '../../../src/errors';
import { createOperationGuards } from '../../../src/graphql/operation-guards';
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
}

/** What the guards refuse an operation with; undefined when they let it pass. */
function refusalOf(
  query: string,
  { variables = {}, operationName, maxQueryCost = 200 }: Asked = {},
): AppError | undefined {
  const document = parse(query);
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new Error('There is no such operation.');
  const context = new RequestContext(createCaller());
  try {
    for (const guard of createOperationGuards({ maxQueryCost }))
      guard({ schema, document, operation, operationName, variables, context });
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
