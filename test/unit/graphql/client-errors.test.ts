import { buildSchema, graphql, GraphQLError, parse, validate, type GraphQLFormattedError } from 'graphql';
import { ClientLeftError, RequestContext } from '../../../src/context';
import { AppError, badUserInput, ERROR_CODES, type ErrorCode } from '../../../src/errors';
import { createErrorFormatter, httpStatusOf } from '../../../src/graphql/client-errors';
import { recordingObserver } from '../../support/recording-observer';
import { createRecordingLog, silentLog, type LogEntry } from '../../support/silent-log';
import { createCaller } from '../../support/caller';

const context = new RequestContext(createCaller());

interface Outcome {
  readonly formatted: GraphQLFormattedError;
  readonly logged: readonly LogEntry[];
}

function format(error: unknown, by: RequestContext | undefined = context): Outcome {
  const { log, entries } = createRecordingLog();
  return { formatted: createErrorFormatter(log)(error, by), logged: entries };
}

/** As it comes from a resolver: wrapped, with its path. */
async function fromResolver(thrown: unknown): Promise<GraphQLError> {
  const schema = buildSchema('type Query { field: Int }');
  const { errors } = await graphql({
    schema,
    source: '{ field }',
    rootValue: {
      field: () => {
        throw thrown;
      },
    },
  });
  return errors![0]!;
}

function syntaxErrorOf(document: string): GraphQLError {
  try {
    parse(document);
  } catch (error) {
    return error as GraphQLError;
  }
  throw new Error('Expected a syntax error.');
}

function asApolloWrapsIt(originalError: GraphQLError): GraphQLError {
  return new GraphQLError(originalError.message, { originalError, extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
}

describe('an error that was written for clients', () => {
  it('is told with its code, its path and what it adds for programs', async () => {
    const fields = [{ path: 'input.text', message: 'Expected a text that is not blank.' }];
    const { formatted, logged } = format(await fromResolver(badUserInput(fields)));
    expect(formatted).toEqual({
      message: 'The input is not valid. input.text: Expected a text that is not blank.',
      path: ['field'],
      locations: [{ line: 1, column: 3 }],
      extensions: { code: 'BAD_USER_INPUT', fields },
    });
    expect(logged).toEqual([]);
  });

  it('keeps its cause to itself', async () => {
    const cause = new Error('ENOENT: /secret/model.onnx');
    const { formatted } = format(await fromResolver(new AppError('MODEL_NOT_READY', 'It is not ready.', { cause })));
    expect(JSON.stringify(formatted)).not.toContain('secret');
  });

  it('cannot be given another code by what it adds', () => {
    const error = new AppError('OVERLOADED', 'Full.', { extensions: { code: 'SECRET', retryAfterMs: 100 } });
    expect(format(error).formatted.extensions).toEqual({ code: 'OVERLOADED', retryAfterMs: 100 });
  });

  it('is told the same where no resolver was reached', () => {
    const { formatted, logged } = format(new AppError('OVERLOADED', 'Full.', { extensions: { retryAfterMs: 100 } }));
    expect(formatted).toEqual({ message: 'Full.', extensions: { code: 'OVERLOADED', retryAfterMs: 100 } });
    expect(logged).toEqual([]);
  });

  it('is logged with its cause and its request where it is a failure of ours', async () => {
    const cause = new Error('Index 7 is out of bounds.');
    const { formatted, logged } = format(
      await fromResolver(new AppError('INTERNAL_SERVER_ERROR', 'The model failed on this input.', { cause })),
    );
    expect(formatted).toMatchObject({
      message: 'The model failed on this input.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: context.id },
    });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ requestId: context.id, path: ['field'] });
    expect(JSON.stringify(logged[0])).toContain('Index 7 is out of bounds.');
  });
});

describe('any other error', () => {
  const secret = new TypeError("Cannot read properties of undefined (reading 'secret')");

  it.each([
    ['thrown by a resolver', () => fromResolver(secret)],
    ['thrown as something that is no error', () => fromResolver('a secret text')],
    ['thrown outside of any resolver', () => Promise.resolve(secret)],
    ['thrown before there was a request', () => Promise.resolve(new RangeError('secret'))],
    ['thrown as an error of GraphQL by a library in a resolver', () => fromResolver(new GraphQLError('secret'))],
    [
      'with a code that nobody knows',
      () => Promise.resolve(new GraphQLError('secret', { extensions: { code: 'EVIL' } })),
    ],
  ])('is masked, and logged once with its cause: %s', async (_, make) => {
    const { formatted, logged } = format(await make());
    expect(JSON.stringify(formatted)).not.toContain('secret');
    expect(formatted.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: context.id });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ requestId: context.id, level: 50 });
    expect(JSON.stringify(logged[0])).toContain('secret');
  });

  it('has no request id where there was no request yet', () => {
    const { log } = createRecordingLog();
    expect(createErrorFormatter(log)(secret).extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
  });

  it('is nothing to report where the client has left', async () => {
    const { formatted, logged } = format(await fromResolver(new ClientLeftError()));
    expect(formatted.extensions).toEqual({ code: 'DEADLINE_EXCEEDED' });
    expect(logged).toEqual([]);
  });
});

describe('what GraphQL says of a document', () => {
  const schema = buildSchema(`
    scalar LocalDateTime
    enum Colour { RED GREEN }
    input Inner { text: String!  number: Int }
    type Query { field(int: Int, float: Float, text: String, flag: Boolean, colour: Colour, inner: Inner, ints: [Int!]): Int }
  `);
  const SECRET = 'SeCrEt';

  it.each([
    ['a string for an Int', `{ field(int: "${SECRET}") }`],
    ['a string in lines', `{ field(int: """${SECRET}""") }`],
    ['a list for an Int', `{ field(int: ["${SECRET}"]) }`],
    ['an object for a Float', `{ field(float: { a: "${SECRET}" }) }`],
    ['an enum for a Boolean', `{ field(flag: ${SECRET}) }`],
    ['a value of an enum that there is none of', `{ field(colour: ${SECRET}) }`],
    ['a string for an enum', `{ field(colour: "${SECRET}") }`],
    ['a string in a list', `{ field(ints: [1, "${SECRET}"]) }`],
    ['a string in an object', `{ field(inner: { text: "a", number: "${SECRET}" }) }`],
    ['a string for an object', `{ field(inner: "${SECRET}") }`],
    ['a default of another type', `query ($v: Int = "${SECRET}") { field(int: $v) }`],
  ])('is told without the value: %s', (_, document) => {
    const errors = validate(schema, parse(document));
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      const { formatted, logged } = format(error);
      expect(formatted.message).not.toContain(SECRET);
      expect(formatted.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
      expect(formatted.locations).toBeDefined();
      expect(logged).toEqual([]);
    }
  });

  it.each([
    ['a string in the wrong place', `{ field(text "${SECRET}") }`],
    ['a string in lines in the wrong place', `{ field(text """${SECRET}""") }`],
    ['a string that does not end', `{ field(text: "${SECRET}) }`],
  ])('is told without the value where it cannot be read: %s', (_, document) => {
    const { formatted } = format(asApolloWrapsIt(syntaxErrorOf(document)));
    expect(formatted.message).not.toContain(SECRET);
    expect(formatted.extensions).toEqual({ code: 'GRAPHQL_PARSE_FAILED' });
  });

  it('names fields, which are no values', () => {
    const [error] = validate(schema, parse('{ feild }'));
    expect(format(error).formatted.message).toContain('feild');
  });
});

describe('the HTTP status', () => {
  it.each(Object.keys(ERROR_CODES) as ErrorCode[])('of %s is that of the table, where nothing was executed', (code) => {
    expect(httpStatusOf({ message: '', extensions: { code } }, false)).toBe(ERROR_CODES[code].httpStatus);
  });

  it('is no failure of HTTP where a resolver failed', () => {
    const error = { message: '', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
    expect(httpStatusOf(error, true)).toBe(200);
    expect(httpStatusOf(error, false)).toBe(500);
  });

  it.each([[undefined], ['EVIL'], ['toString'], [42]])('of an unknown code is that of a failure: %p', (code) => {
    expect(httpStatusOf({ message: '', extensions: { code } }, true)).toBe(500);
  });
});

describe('what observers hear of an error', () => {
  it('is its code, and which of the causes of that code it had', () => {
    const observer = recordingObserver();
    const by = new RequestContext(createCaller());
    const formatError = createErrorFormatter(silentLog, observer);
    formatError(new AppError('OVERLOADED', 'Full.', { reason: 'limit' }), by);
    formatError(new Error('secret'), by);
    expect(observer.errors).toEqual([
      { code: 'OVERLOADED', reason: 'limit' },
      { code: 'INTERNAL_SERVER_ERROR', reason: undefined },
    ]);
    expect(by.errors.map(({ code }) => code)).toEqual(['OVERLOADED', 'INTERNAL_SERVER_ERROR']);
    expect(JSON.stringify(by.errors)).not.toContain('secret');
  });

  it('is nothing where the client has left: nobody is told', () => {
    const observer = recordingObserver();
    createErrorFormatter(silentLog, observer)(new ClientLeftError());
    expect(observer.errors).toEqual([]);
  });
});
