import { CONNECTION_ATTACKS } from '../../hostile/connection-attacks';
import { REQUEST_ATTACKS } from '../../hostile/request-attacks';
import { ask, dataOf } from '../../support/graphql';
import { createTransaction } from '../../support/inputs';
import { SCORE_FRAUD } from '../../support/operations';
import { enginesOf } from '../../support/processes';
import { startObservedServer, type ObservedServer } from '../../support/server';
import { until } from '../../support/until';

/** Answers that a well-behaved client waits for while each attack is under way. */
const ANSWERS = 5;

/** Three models take their time where the machine is busy. */
const START_LIMIT_MS = 180_000;

let server: ObservedServer;
let engines: number[];
let expected: number;
beforeAll(async () => {
  server = await startObservedServer();
  engines = enginesOf(server.pid).map(({ pid }) => pid);
  expected = await score();
}, START_LIMIT_MS);
afterAll(async () => {
  await until('nothing is under way', async () => (await server.facts()).admitted === 0);
  expect(await score()).toBe(expected);
  expect(enginesOf(server.pid).map(({ pid }) => pid)).toEqual(engines);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
  expect(server.log().filter(({ level }) => level >= 50)).toEqual([]);
  // The log and nothing else.
  expect(
    server
      .errorOutput()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{')),
  ).toEqual([]);
});

describe.each([
  ['a request', REQUEST_ATTACKS],
  ['a connection', CONNECTION_ATTACKS],
])('%s', (_kind, attacks) => {
  it.each(attacks.map((attack) => [attack.what, attack] as const))(
    'is refused with its code, and a client beside it keeps its answers: %s',
    async (_what, attack) => {
      let finish: () => void;
      const over = new Promise<void>((resolve) => (finish = resolve));
      const attacking = attack.run(server, over);
      for (let answer = 0; answer < ANSWERS; answer++) expect(await score()).toBe(expected);
      finish!();
      const got = await attacking;
      for (const each of got) expect(attack.gets).toContain(each);
      // What refuses says so; what holds on may be left alone.
      if (!attack.gets.includes(408) && attack.gets.length > 0 && !attack.gets.includes(1006))
        expect(got).not.toEqual([]);
    },
  );
});

async function score(): Promise<number> {
  return dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() })).fraudScore!.probability;
}
