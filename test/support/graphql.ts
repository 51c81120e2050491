import type { TestServer } from './server';

/** An operation and, for the compiler, what it answers. */
export interface Operation<Data> {
  readonly text: string;
  /** Over WebSocket only. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Never set. */
  readonly data?: Data;
}

export interface ErrorAnswer {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: {
    readonly code?: string;
    readonly requestId?: string;
    readonly retryAfterMs?: number;
    readonly fields?: readonly { readonly path: string; readonly message: string }[];
  };
}

export interface Answer<Data> {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came. */
  readonly text: string;
  readonly data: Data | null | undefined;
  /** Empty where there was none. */
  readonly errors: readonly ErrorAnswer[];
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export function graphqlUrl({ origin }: Pick<TestServer, 'origin'>): string {
  return `${origin}/graphql`;
}

/** One operation as a POST of JSON. */
export function ask<Data>(
  server: Pick<TestServer, 'origin'>,
  { text: query }: Operation<Data>,
  variables: Readonly<Record<string, unknown>> = {},
  options: AskOptions = {},
): Promise<Answer<Data>> {
  return post(server, JSON.stringify({ query, variables }), options) as Promise<Answer<Data>>;
}

/** Any body, also one that is no GraphQL at all; its type is JSON unless the headers say otherwise. */
export async function post(
  server: Pick<TestServer, 'origin'>,
  body: string | Uint8Array | FormData,
  { headers = {}, signal }: AskOptions = {},
): Promise<Answer<Record<string, unknown>>> {
  const response = await fetch(graphqlUrl(server), {
    method: 'POST',
    // A form brings its own type, with its boundary.
    headers: body instanceof FormData ? headers : { 'content-type': 'application/json', ...headers },
    body,
    signal: signal ?? null,
  });
  return readAnswer(response);
}

/** A multipart request, as the GraphQL multipart request specification lays down: `files` by the path they stand at. */
export function upload<Data>(
  server: Pick<TestServer, 'origin'>,
  { text: query }: Operation<Data>,
  { variables, files }: { readonly variables: unknown; readonly files: Readonly<Record<string, Uint8Array>> },
  headers: Readonly<Record<string, string>> = { 'apollo-require-preflight': 'true' },
): Promise<Answer<Data>> {
  const form = new FormData();
  const entries = Object.entries(files);
  form.set('operations', JSON.stringify({ query, variables }));
  form.set('map', JSON.stringify(Object.fromEntries(entries.map(([place], index) => [index, [place]]))));
  entries.forEach(([, bytes], index) => form.set(String(index), new Blob([bytes]), `picture-${index}`));
  return post(server, form, { headers }) as Promise<Answer<Data>>;
}

/** The data of an answer without errors; fails with the errors otherwise. */
export function dataOf<Data>({ data, errors, status }: Pick<Answer<Data>, 'data' | 'errors' | 'status'>): Data {
  if (errors.length > 0 || data == null) throw new Error(`HTTP ${status}: ${JSON.stringify(errors)}`);
  return data;
}

export function codesOf({ errors }: Pick<Answer<unknown>, 'errors'>): (string | undefined)[] {
  return errors.map(({ extensions }) => extensions?.code);
}

async function readAnswer(response: Response): Promise<Answer<Record<string, unknown>>> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get('content-type')?.includes('json') ?? false;
  const json = isJson ? (JSON.parse(text) as { data?: Record<string, unknown>; errors?: ErrorAnswer[] }) : {};
  return { status, headers, text, data: json.data, errors: json.errors ?? [] };
}
