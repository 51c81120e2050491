import type { FastifyError } from 'fastify';
import { AppError } from '../errors';

/** Files of one multipart request: as many as a list has items. */
export const MAX_FILES = 100;
/** What a form holds beside its files is read at once, as JSON; pictures are sent as the files. */
export const MAX_FIELD_BYTES = 1_000_000;

/** What Fastify and the upload parser refuse, in the words and codes of the API. */
export function toAppError(error: FastifyError, maxBodyBytes: number): Error {
  const status = error.statusCode ?? (error as { status?: number }).status ?? 500;
  if (error instanceof AppError) return error;
  if (status === 413 && error.message.includes('max file uploads'))
    return new AppError('PAYLOAD_TOO_LARGE', `A request may have at most ${MAX_FILES} files. Send several requests.`);
  if (status === 413 && error.message.includes('multipart field value'))
    return new AppError(
      'PAYLOAD_TOO_LARGE',
      `The operations and the map of a form may have at most ${MAX_FIELD_BYTES} bytes each. Send pictures as its files.`,
    );
  if (status === 413) return bodyTooLarge(maxBodyBytes);
  if (status === 415)
    return new AppError('BAD_REQUEST', 'Send the request as application/json, or as multipart/form-data with files.');
  if (
    error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' ||
    error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY' ||
    error instanceof SyntaxError
  )
    return new AppError('GRAPHQL_PARSE_FAILED', 'The body is not valid JSON. Send {"query": "…", "variables": {…}}.');
  if (status < 500) return new AppError('BAD_REQUEST', withoutValues(error.message));
  return error;
}

/** The parser of multipart requests repeats what their map holds. */
function withoutValues(message: string): string {
  return message.replace(/ key ‘.*’ array/s, ' key array').replace(/ value ‘.*’/s, ' value');
}

export function bodyTooLarge(maxBytes: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `A request may have at most ${maxBytes} bytes. Send less at once.`);
}
