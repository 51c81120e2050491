/**
 * Everything a client may be told of a failure. The README's table is held against this list by a test.
 * `httpStatus` applies where the whole request is refused; beside other answers the response is 200 with partial data.
 * `retry` says whether the same request may succeed later.
 */
export const ERROR_CODES = {
  GRAPHQL_PARSE_FAILED: { httpStatus: 400, retry: 'no' },
  GRAPHQL_VALIDATION_FAILED: { httpStatus: 400, retry: 'no' },
  BAD_REQUEST: { httpStatus: 400, retry: 'no' },
  BAD_USER_INPUT: { httpStatus: 200, retry: 'no' },
  UNSUPPORTED_IMAGE: { httpStatus: 200, retry: 'no' },
  PAYLOAD_TOO_LARGE: { httpStatus: 413, retry: 'no' },
  UNAUTHENTICATED: { httpStatus: 401, retry: 'no' },
  FORBIDDEN: { httpStatus: 403, retry: 'no' },
  RATE_LIMITED: { httpStatus: 429, retry: 'after retryAfterMs' },
  TOO_MANY_SUBSCRIPTIONS: { httpStatus: 429, retry: 'after retryAfterMs' },
  OVERLOADED: { httpStatus: 503, retry: 'after retryAfterMs' },
  DEADLINE_EXCEEDED: { httpStatus: 200, retry: 'yes' },
  MODEL_NOT_READY: { httpStatus: 200, retry: 'later' },
  MODEL_NOT_FOUND: { httpStatus: 200, retry: 'no' },
  VERSION_NOT_FOUND: { httpStatus: 200, retry: 'no' },
  CONFLICT: { httpStatus: 200, retry: 'no' },
  CURSOR_INVALID: { httpStatus: 200, retry: 'no' },
  CURSOR_EXPIRED: { httpStatus: 200, retry: 'no' },
  QUERY_TOO_COSTLY: { httpStatus: 400, retry: 'no' },
  INTERNAL_SERVER_ERROR: { httpStatus: 500, retry: 'no' },
} as const satisfies Record<string, { httpStatus: number; retry: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface AppErrorOptions {
  /** Which of the causes that this code has, in one of a few fixed words; counted, never sent. */
  readonly reason?: string;
  /** What made it fail; logged, never sent. */
  readonly cause?: unknown;
  /** More for the client's program, such as `fields` or `retryAfterMs`. Never holds what the client sent. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A failure whose message was written for the client: what came, what was expected, and the cure. Others are masked. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly extensions: Readonly<Record<string, unknown>>;
  readonly reason: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: AppErrorOptions = {},
  ) {
    const { stackTraceLimit } = Error;
    // Nobody looks at where a client was refused, and finding it out is a large part of what a refusal costs in an overload.
    if (code !== 'INTERNAL_SERVER_ERROR') Error.stackTraceLimit = 0;
    super(message, { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.extensions = options.extensions ?? {};
    this.reason = options.reason;
  }
}

/** One fault in what a client sent: where it is, and what was expected there. Never the value. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

export function badUserInput(fields: readonly FieldFault[]): AppError {
  const listed = fields.map(({ path, message }) => `${path}: ${message}`).join(' ');
  return new AppError('BAD_USER_INPUT', `The input is not valid. ${listed}`, { extensions: { fields } });
}

/** Thrown at the end of a switch over a union, so that a new member does not compile until it is handled. */
export class UnreachableCaseError extends Error {
  constructor(value: never) {
    super(`Unreachable case: ${JSON.stringify(value)}`);
  }
}

/** The thing thrown, as an Error: JavaScript lets anything be thrown. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
