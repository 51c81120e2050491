import { PredictQLError, type ResponseError } from './errors';
import type { Payload } from './operation';
import { createBody } from './request-body';

/** What came back: data, errors, or both. */
export interface Answer {
  readonly data: unknown;
  readonly errors: readonly ResponseError[];
  readonly status: number;
}

export interface PostOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly fetch: typeof globalThis.fetch;
}

/** One request over HTTP. Rejects with NETWORK_ERROR, BAD_RESPONSE, or the reason of the signal. */
export async function post(payload: Payload, { url, headers, signal, fetch }: PostOptions): Promise<Answer> {
  const { body, headers: bodyHeaders } = createBody(payload);
  const accept = 'application/graphql-response+json, application/json';
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { method: 'POST', body, headers: { accept, ...headers, ...bodyHeaders }, signal });
    text = await response.text();
  } catch (cause) {
    signal.throwIfAborted();
    throw new PredictQLError(`${url} cannot be reached.`, { code: 'NETWORK_ERROR', cause });
  }
  return readAnswer(text, response.status, url);
}

function readAnswer(text: string, status: number, url: string): Answer {
  try {
    const json = JSON.parse(text) as { data?: unknown; errors?: ResponseError[] } | null;
    if (typeof json === 'object' && json && ('data' in json || Array.isArray(json.errors)))
      return { data: json.data, errors: json.errors ?? [], status };
  } catch {
    // A proxy's page, for one; what it says helps nobody here.
  }
  throw new PredictQLError(`${url} answered with status ${status} and no GraphQL.`, { code: 'BAD_RESPONSE', status });
}
