import type { ExecutionArgs, GraphQLError, GraphQLSchema } from 'graphql';
import { RequestContext } from '../../../src/context';
import { AppError } from '../../../src/errors';
import { MAX_TOKENS } from '../../../src/graphql/apollo-server';
import { DocumentCache } from '../../../src/graphql/document-cache';
import type { OperationGuard, ResolvedOperation } from '../../../src/graphql/operation-guards';
import { prepareOperation, type OperationRequest } from '../../../src/graphql/prepare-operation';
import { createOwnSchema } from '../../support/own-schema';
import { createCaller } from '../../support/caller';

const context = new RequestContext(createCaller());
let schema: GraphQLSchema;
beforeAll(() => {
  schema = createOwnSchema();
});

function prepare(request: OperationRequest, ...guards: OperationGuard[]): ExecutionArgs | readonly GraphQLError[] {
  return prepareOperation(request, { schema, validationRules: [], guards, documents: new DocumentCache(), context });
}

function errorsOf(request: OperationRequest, ...guards: OperationGuard[]): readonly GraphQLError[] {
  const prepared = prepare(request, ...guards);
  if ('schema' in prepared) throw new Error('Expected errors.');
  return prepared;
}

describe('an operation over WebSocket', () => {
  it('is made ready to be executed once all guards have let it pass, in their order', () => {
    const seen: string[] = [];
    const guard =
      (name: string): OperationGuard =>
      ({ operation, variables }: ResolvedOperation) => {
        seen.push(`${name}: ${operation.name?.value} ${JSON.stringify(variables)}`);
      };
    const query = 'query One($n: String!) { model(name: $n) { name } } query Two { viewer { name } }';
    const variables = { n: 'm' };
    expect(prepare({ query, operationName: 'One', variables }, guard('a'), guard('b'))).toMatchObject({
      schema,
      operationName: 'One',
      variableValues: variables,
      contextValue: context,
    });
    expect(seen).toEqual(['a: One {"n":"m"}', 'b: One {"n":"m"}']);
  });

  it('needs no name and no variables where it has none', () => {
    expect(prepare({ query: '{ viewer { name } }', operationName: null, variables: null })).toMatchObject({
      variableValues: {},
    });
  });

  it('is refused with what the first guard says, and the next is not asked', () => {
    const refusal = new AppError('FORBIDDEN', 'The key lacks a scope.');
    const [error, ...others] = errorsOf(
      { query: '{ viewer { name } }' },
      () => {
        throw refusal;
      },
      () => {
        throw new Error('not to be asked');
      },
    );
    expect(others).toEqual([]);
    expect(error?.originalError).toBe(refusal);
  });

  it('is read and validated once, and passes the guards each time', () => {
    const documents = new DocumentCache();
    const rule = jest.fn(() => ({}));
    const guard = jest.fn();
    const options = { schema, validationRules: [rule], guards: [guard], documents, context };
    const prepared = [1, 2].map(() => prepareOperation({ query: '{ viewer { name } }' }, options));
    expect(prepared[1]).toEqual(prepared[0]);
    expect([rule.mock.calls.length, guard.mock.calls.length]).toEqual([1, 2]);
    expect([documents.hits, documents.misses]).toEqual([1, 1]);
  });

  it('that is not valid is refused each time', () => {
    const options = { schema, validationRules: [], guards: [], documents: new DocumentCache(), context };
    const refused = [1, 2].map(() => prepareOperation({ query: '{ nothing }' }, options));
    expect(refused).toEqual([1, 2].map(() => [expect.objectContaining({ message: expect.stringMatching(/nothing/) })]));
  });

  it('is refused where it cannot be read, with the place', () => {
    const [error] = errorsOf({ query: '{ viewer { name }' });
    expect(error?.extensions['code']).toBe('GRAPHQL_PARSE_FAILED');
    expect(error?.locations).toEqual([{ line: 1, column: 18 }]);
  });

  it('is refused where it is longer than anybody writes', () => {
    const query = `{ ${'__typename '.repeat(MAX_TOKENS)} }`;
    expect(errorsOf({ query })[0]?.extensions['code']).toBe('GRAPHQL_PARSE_FAILED');
  });

  it('is refused where it asks for what there is not, with all that is wrong', () => {
    expect(errorsOf({ query: '{ nothing nowhere }' })).toHaveLength(2);
  });

  it.each([
    ['Three', 'query One { viewer { name } } query Two { viewer { name } }'],
    [undefined, 'query One { viewer { name } } query Two { viewer { name } }'],
  ])('is refused where nobody can tell which it is: %p', (operationName, query) => {
    expect(errorsOf({ query, operationName })[0]?.message).toBe(
      'Expected the name of one of the operations in the document.',
    );
  });
});
