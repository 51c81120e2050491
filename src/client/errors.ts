/** What the server answers with; the README says what each means. Codes may be added. */
export type ServerErrorCode =
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'BAD_REQUEST'
  | 'BAD_USER_INPUT'
  | 'UNSUPPORTED_IMAGE'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'RATE_LIMITED'
  | 'TOO_MANY_SUBSCRIPTIONS'
  | 'OVERLOADED'
  | 'DEADLINE_EXCEEDED'
  | 'MODEL_NOT_READY'
  | 'MODEL_NOT_FOUND'
  | 'VERSION_NOT_FOUND'
  | 'CONFLICT'
  | 'CURSOR_INVALID'
  | 'CURSOR_EXPIRED'
  | 'QUERY_TOO_COSTLY'
  | 'INTERNAL_SERVER_ERROR';

/** What goes wrong before there is an answer: no connection, `timeoutMs` is over, or no GraphQL came back. */
export type ClientErrorCode = 'NETWORK_ERROR' | 'CLIENT_TIMEOUT' | 'BAD_RESPONSE';

export type ErrorCode = ServerErrorCode | ClientErrorCode | (string & {});

/** One error of an answer, as the server sent it. */
export interface ResponseError {
  readonly message: string;
  /** Where in the data it belongs: `['sentimentList', 3]`. */
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** One fault of an input: where it is, and what was expected there. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

export interface PredictQLErrorOptions {
  readonly code?: ErrorCode;
  readonly errors?: readonly ResponseError[];
  readonly data?: unknown;
  readonly status?: number | undefined;
  readonly cause?: unknown;
}

/** Why there is no answer, or not a whole one. `code` and what goes with it are those of the first of `errors`. */
export class PredictQLError extends Error {
  override readonly name = 'PredictQLError';
  readonly code: ErrorCode;
  /** All faults of the input; empty unless the code is BAD_USER_INPUT or GRAPHQL_VALIDATION_FAILED. */
  readonly fields: readonly FieldFault[];
  /** Milliseconds after which the same request may succeed; undefined where waiting does not help. */
  readonly retryAfterMs: number | undefined;
  /** Names the request in the server's logs. */
  readonly requestId: string | undefined;
  /** Every error of the answer; several where several fields failed. */
  readonly errors: readonly ResponseError[];
  /** What was answered all the same; null or undefined where nothing was. */
  readonly data: unknown;
  /** HTTP status, where an answer came by HTTP. */
  readonly status: number | undefined;

  constructor(message: string, { code, errors = [], data, status, cause }: PredictQLErrorOptions = {}) {
    super(message, { cause });
    const extensions = errors[0]?.extensions ?? {};
    this.code = code ?? asString(extensions['code']) ?? 'BAD_RESPONSE';
    this.fields = Array.isArray(extensions['fields']) ? (extensions['fields'] as FieldFault[]) : [];
    this.retryAfterMs = typeof extensions['retryAfterMs'] === 'number' ? extensions['retryAfterMs'] : undefined;
    this.requestId = asString(extensions['requestId']);
    this.errors = errors;
    this.data = data;
    this.status = status;
  }
}

/** The key of an open connection has ended, and another can be had. */
export class KeyEndedError extends PredictQLError {}

/** The error for an answer that holds errors. */
export function fromResponse(
  errors: readonly ResponseError[],
  { data, status }: Pick<PredictQLErrorOptions, 'data' | 'status'>,
): PredictQLError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new PredictQLError(`${first?.message ?? 'The answer holds an empty list of errors.'}${more}`, {
    errors,
    data,
    status,
  });
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
