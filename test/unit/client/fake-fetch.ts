/** What a fake server answers to one request: JSON with a status, or an Error where there is no connection. */
export type FakeAnswer = { readonly status?: number; readonly json: unknown } | { readonly text: string } | Error;

export interface SentRequest {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** A `fetch` that gives prepared answers in their order, and remembers what was sent. */
export function createFakeFetch(answers: readonly FakeAnswer[]) {
  const sent: SentRequest[] = [];
  const fetch: typeof globalThis.fetch = (url, { headers, body } = {}) => {
    sent.push({ url: url as string, headers: headers as Record<string, string>, body });
    const answer = answers[sent.length - 1];
    if (!answer) return Promise.reject(new Error('No answer was prepared for this request.'));
    if (answer instanceof Error) return Promise.reject(answer);
    const text = 'text' in answer ? answer.text : JSON.stringify(answer.json);
    return Promise.resolve(new Response(text, { status: 'text' in answer ? 502 : (answer.status ?? 200) }));
  };
  return { fetch, sent };
}

/** A `fetch` that never answers; it ends when its signal does, as the real one. */
export const silentFetch: typeof globalThis.fetch = (_url, { signal } = {}) =>
  new Promise((_resolve, reject) => {
    const end = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
