import { ask, dataOf } from '../../support/graphql';
import { createTransaction } from '../../support/inputs';
import { DAMAGES } from '../../support/damages';
import { SCORE_FRAUD } from '../../support/operations';
import { until } from '../../support/until';
import { VersionFolders } from '../../support/version-folders';
import type { VersionsOfModel } from '../../support/version-operations';
import { VersionServer } from '../../support/version-server';

// Each kind of damage lies in a version of its own, all dropped in while version 1 is live and answers.
const numberOf = (index: number): string => String(100 + index);
const LIMIT_MS = 180_000;

let folders: VersionFolders;
let server: VersionServer;
let after: VersionsOfModel;
let scoreBefore: number;

const score = async () => dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() })).fraudScore!;

beforeAll(async () => {
  folders = new VersionFolders();
  server = await new VersionServer(folders, {
    // More memory than the slow graph gathers in that time on a fast processor, and less than the large one takes.
    settings: { PREDICTQL_ENGINE_LOAD_TIMEOUT_MS: '6000', PREDICTQL_ENGINE_MEMORY_MB: '1200' },
  }).start();
  scoreBefore = (await score()).probability;
  DAMAGES.forEach(({ make }, index) => folders.add(numberOf(index), make));
  const isDone = ({ version, phase }: { version: string; phase: string }): boolean =>
    version === '1' || phase === 'FAILED';
  await until(
    'every damaged version has failed',
    async () => {
      after = await server.model();
      return after.versions.length === DAMAGES.length + 1 && after.versions.every(isDone);
    },
    LIMIT_MS - 20_000,
  ).catch((error: unknown) => {
    const waiting = after.versions.filter((version) => !isDone(version));
    const names = waiting.map(({ version, phase }) => `${version} (${DAMAGES[Number(version) - 100]?.what}): ${phase}`);
    throw new Error(`Not failed: ${names.join(', ')}, of ${after.versions.length}`, { cause: error });
  });
}, LIMIT_MS);
afterAll(async () => {
  await server.stop();
  folders[Symbol.dispose]();
});

it('are of more than thirty kinds', () => {
  expect(new Set(DAMAGES.map(({ what }) => what)).size).toBe(DAMAGES.length);
  expect(DAMAGES.length).toBeGreaterThanOrEqual(30);
});

it.each(DAMAGES.map((damage, index) => ({ ...damage, version: numberOf(index) })))(
  'a version with $what fails while $during, and says so',
  ({ version, during, code, says }) => {
    const found = after.versions.find((each) => each.version === version);
    expect(found?.failure).toMatchObject({ during, code });
    expect(found?.failure?.message).toMatch(says);
    // Where the server keeps its files is nobody's business.
    expect(found?.failure?.message).not.toContain(folders.root);
  },
);

it('leaves what was live live, with the same answers', async () => {
  expect(after.live?.version).toBe('1');
  const { probability, servedBy } = await score();
  expect(servedBy.version).toBe('1');
  expect(probability).toBe(scoreBefore);
});

it('leaves the watcher awake: a sound version dropped in afterwards is ready', async () => {
  folders.add('1000');
  await server.untilPhase('1000', 'READY');
});

it('takes up a version as soon as it may be read', async () => {
  const index = DAMAGES.findIndex(({ what }) => what === 'a graph that may not be read');
  folders.add(numberOf(index));
  await server.untilPhase(numberOf(index), 'READY');
});
