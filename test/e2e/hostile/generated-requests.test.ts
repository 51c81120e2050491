import { runCampaign } from '../../fuzz/campaign';
import { generateRequest } from '../../fuzz/generated-requests';
import { enginesOf } from '../../support/processes';
import { startObservedServer } from '../../support/server';

/** `npm run fuzz` sends 100,000; these are the first of them. */
const REQUESTS = 600;
const SEED = 1;

it('answers every generated request with what was asked for or a code, and is well afterwards', async () => {
  const server = await startObservedServer();
  const engines = enginesOf(server.pid).map(({ pid }) => pid);
  const { failures, tally } = await runCampaign(server, { seed: SEED, first: 0, requests: REQUESTS });
  expect(failures).toEqual([]);
  const repliesTo = (what: string): number =>
    tally.reduce((sum, [reply, count]) => sum + (reply.startsWith(what) ? count : 0), 0);
  for (const what of ['sound operation', 'any operation', 'broken document', 'multipart', 'odd HTTP', 'conversation'])
    expect(repliesTo(what)).toBeGreaterThan(REQUESTS / 50);
  expect(enginesOf(server.pid).map(({ pid }) => pid)).toEqual(engines);
  expect(server.log().filter(({ level }) => level >= 50)).toEqual([]);
  expect(await server.stop()).toEqual({ code: 0, signal: null });
}, 180_000);

it('makes the same request of the same seed and number, and others of others', () => {
  const requests = Array.from({ length: 50 }, (_, number) => generateRequest(SEED, number));
  expect(requests).toEqual(Array.from({ length: 50 }, (_, number) => generateRequest(SEED, number)));
  expect(new Set(requests.map((request) => JSON.stringify(request))).size).toBe(50);
  expect(generateRequest(2, 0)).not.toEqual(requests[0]);
});
