import { PredictQLError } from '../../../src/client';
import { subscribeResuming, type SubscribeOnce } from '../../../src/client/resume';

const lost = new PredictQLError('The connection was closed.', { code: 'NETWORK_ERROR' });
const expired = new PredictQLError('That cursor is gone.', { code: 'CURSOR_EXPIRED' });
const query = 'subscription ($after: String) { changed(after: $after) { cursor } }';
const { signal } = new AbortController();

/** Connections that each give cursors and then end, or break with an error; remembers where each began. */
function createConnections(connections: readonly { readonly cursors: readonly string[]; readonly error?: Error }[]) {
  const begun: unknown[] = [];
  // eslint-disable-next-line @typescript-eslint/require-await -- a connection is asynchronous
  const subscribe: SubscribeOnce = async function* ({ variables }) {
    const { cursors, error } = connections[begun.push(variables['after']) - 1]!;
    for (const cursor of cursors) yield { changed: { cursor } };
    if (error) throw error;
  };
  return { subscribe, begun };
}

async function collect(results: AsyncIterable<unknown>): Promise<unknown[]> {
  const cursors: unknown[] = [];
  for await (const result of results) cursors.push((result as { changed: { cursor: unknown } }).changed.cursor);
  return cursors;
}

describe('subscribeResuming', () => {
  it('goes on after the last cursor when the connection was lost', async () => {
    const { subscribe, begun } = createConnections([
      { cursors: ['a', 'b'], error: lost },
      { cursors: [], error: lost },
      { cursors: ['c'] },
    ]);
    expect(await collect(subscribeResuming(subscribe, { query, variables: {} }, signal))).toEqual(['a', 'b', 'c']);
    expect(begun).toEqual([undefined, 'b', 'b']);
  });

  it('begins again after the cursor it was given, if nothing came before the loss', async () => {
    const { subscribe, begun } = createConnections([{ cursors: [], error: lost }, { cursors: ['c'] }]);
    await collect(subscribeResuming(subscribe, { query, variables: { after: 'b' } }, signal));
    expect(begun).toEqual(['b', 'b']);
  });

  it('throws a loss from which nothing leads on', async () => {
    const { subscribe } = createConnections([{ cursors: [], error: lost }]);
    await expect(collect(subscribeResuming(subscribe, { query, variables: {} }, signal))).rejects.toBe(lost);
  });

  it("throws the server's errors: the same cursor would fail again", async () => {
    const { subscribe, begun } = createConnections([{ cursors: ['a'], error: expired }]);
    await expect(collect(subscribeResuming(subscribe, { query, variables: {} }, signal))).rejects.toBe(expired);
    expect(begun).toHaveLength(1);
  });

  it('ends with the signal while it waits to connect again', async () => {
    const controller = new AbortController();
    const { subscribe } = createConnections([{ cursors: ['a'], error: lost }]);
    const results = collect(subscribeResuming(subscribe, { query, variables: {} }, controller.signal));
    setImmediate(() => controller.abort(new Error('The user left.')));
    await expect(results).rejects.toThrow('The user left.');
  });
});
