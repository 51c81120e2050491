import { once } from 'node:events';
import { ask } from '../../support/graphql';
import { openHttpSocket, postRequest } from '../../support/http-socket';
import { createTransaction } from '../../support/inputs';
import { SCORE_FRAUD } from '../../support/operations';
import { enginesOf } from '../../support/processes';
import { startObservedServer, type ObservedServer } from '../../support/server';
import { until } from '../../support/until';

let server: ObservedServer;
beforeAll(async () => {
  server = await startObservedServer({ settings: { PREDICTQL_ENGINES: '1', PREDICTQL_CONCURRENT_REQUESTS: '3' } });
});
afterAll(async () => {
  expect(await server.stop()).toEqual({ code: 0, signal: null });
});

const score = (amount: number): string => postRequest(SCORE_FRAUD, { input: createTransaction({ amount }) });

describe('requests that a connection sends without waiting for the answers before', () => {
  it('are answered in their order, one at a time', async () => {
    const socket = await openHttpSocket(server);
    let answers = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answers += text));
    const before = (await server.facts()).counters.answered;
    const AMOUNTS = Array.from({ length: 50 }, (_, index) => 1 + index);
    socket.write(AMOUNTS.map(score).join(''));
    await until('all are answered', () => Promise.resolve(answers.split('"probability"').length > AMOUNTS.length));
    // Only three may be under way at the same time.
    expect(answers).not.toContain('"errors"');
    expect((await server.facts()).counters.answered - before).toBe(AMOUNTS.length);
    socket.destroy();
  });

  // Node tells nobody of the end of a connection whose requests have no answer yet: their places were never free again.
  it('hold no places and are not computed once the connection has ended', async () => {
    const [engine] = enginesOf(server.pid);
    process.kill(engine!.pid, 'SIGSTOP');
    const before = (await server.facts()).counters;
    const socket = await openHttpSocket(server);
    socket.write([1, 2, 3].map(score).join(''));
    await until('the first is under way', async () => (await server.facts()).engines[0]!.state === 'running');
    socket.destroy();
    await once(socket, 'close');
    await until('nothing is under way', async () => (await server.facts()).admitted === 0);
    process.kill(engine!.pid, 'SIGCONT');
    await until('it is idle', async () => (await server.facts()).engines[0]!.state !== 'running');
    expect((await server.facts()).counters.enqueued - before.enqueued).toBe(1);
    await until('all places are free', async () => {
      const answers = await Promise.all([1, 2, 3].map(() => ask(server, SCORE_FRAUD, { input: createTransaction() })));
      return answers.every(({ errors }) => errors.length === 0);
    });
    expect((await server.facts()).admitted).toBe(0);
    expect((await server.facts()).counters.computedRows - before.computedRows).toBeLessThan(10);
  });

  it('are cut off where a hundred wait', async () => {
    const [engine] = enginesOf(server.pid);
    process.kill(engine!.pid, 'SIGSTOP');
    const socket = await openHttpSocket(server);
    const closed = once(socket, 'close');
    socket.write(score(1).repeat(102));
    await closed;
    process.kill(engine!.pid, 'SIGCONT');
    expect((await ask(server, SCORE_FRAUD, { input: createTransaction() })).errors).toEqual([]);
  });
});
