import { cpSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { subscribeEvents, type EventSubscription } from '../../support/event-subscription';
import { ask, dataOf } from '../../support/graphql';
import { createTransaction } from '../../support/inputs';
import { SCORE_FRAUD } from '../../support/operations';
import { enginesOf } from '../../support/processes';
import { until } from '../../support/until';
import { changeManifest, MODEL, VersionFolders } from '../../support/version-folders';
import { PROMOTE, READ_EVENTS, UNLOAD, type EventAnswer } from '../../support/version-operations';
import { VersionServer } from '../../support/version-server';

// The folder is the interface: what is done to it is told to whoever subscribed.
let folders: VersionFolders;
let server: VersionServer;
let watch: EventSubscription;

beforeAll(async () => {
  folders = new VersionFolders();
  server = await new VersionServer(folders).start();
  watch = subscribeEvents(server);
  await watch.untilEvent('CURRENT', '1');
});
afterAll(async () => {
  await watch.close();
  await server.stop();
  folders[Symbol.dispose]();
});

const score = async () => dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() })).fraudScore!;
const promote = async (version: string) => dataOf(await ask(server, PROMOTE, { input: { model: MODEL, version } }));
const toldOf = (version: string): string[] =>
  watch.events.filter((event) => event.version === version).map(({ kind }) => kind);

it('a version that is dropped in is told of step by step, and ready', async () => {
  folders.add('2');
  await watch.untilEvent('READY', '2');
  expect(toldOf('2')).toEqual(['DISCOVERED', 'VERIFYING', 'LOADING', 'WARMING', 'READY']);
  expect(await server.find('2')).toMatchObject({
    phase: 'READY',
    isLive: false,
    failure: null,
    goldenGate: { examples: expect.any(Number) as number },
    card: { summary: expect.any(String) as string },
  });
});

it('a version that is copied file by file is not touched before it is whole', async () => {
  const made = folders.make('3');
  const place = folders.folder('3');
  cpSync(path.join(made, 'manifest.json'), path.join(place, 'manifest.json'));
  folders.add('3.1');
  await watch.untilEvent('READY', '3.1');
  expect(toldOf('3')).toEqual([]);
  cpSync(made, place, { recursive: true });
  await watch.untilEvent('READY', '3');
  expect(toldOf('3')).toEqual(['DISCOVERED', 'VERIFYING', 'LOADING', 'WARMING', 'READY']);
});

it('a version whose files are replaced while it is loaded is refused, and answers as before', async () => {
  folders.add('3', (folder) => changeManifest(folder, (manifest) => ({ ...manifest, batching: { maxBatchSize: 1 } })));
  const changed = await watch.untilEvent('FAILED', '3');
  expect(changed.reason).toMatch(/^Its files were changed while it is loaded, which is refused/);
  expect(changed.modelVersion).toMatchObject({ phase: 'READY' });
  folders.add('3.1', (folder) => writeFileSync(path.join(folder, 'golden.json'), '{}'));
  const broken = await watch.untilEvent('FAILED', '3.1');
  expect(broken.reason).toMatch(/^Its files are broken, and it serves on as it was: File golden\.json/);
  expect((await server.find('3.1'))?.phase).toBe('READY');
});

it('a version that is renamed is removed under one name and, with its manifest corrected, found under the other', async () => {
  folders.add('4');
  await watch.untilEvent('READY', '4');
  renameSync(folders.folder('4'), folders.folder('5'));
  await watch.untilEvent('REMOVED', '4');
  const failed = await watch.untilEvent('FAILED', '5');
  expect(failed.reason).toMatch(/says version "4" but lies in the folder of "5"/);
  changeManifest(folders.folder('5'), (manifest) => ({ ...manifest, version: '5' }));
  await watch.untilEvent('READY', '5');
});

it('a version that is a link to a folder elsewhere is a version like others', async () => {
  symlinkSync(folders.make('6'), folders.folder('6'));
  await watch.untilEvent('READY', '6');
  rmSync(folders.folder('6'));
  await watch.untilEvent('REMOVED', '6');
});

it('two that are dropped in at once are both taken', async () => {
  folders.add('7');
  folders.add('8');
  await Promise.all([watch.untilEvent('READY', '7'), watch.untilEvent('READY', '8')]);
});

it('a live version that is deleted serves on, says so, and outlives the death of its engine process', async () => {
  folders.add('9');
  await watch.untilEvent('READY', '9');
  await promote('9');
  const { probability } = await score();
  folders.remove('9');
  const event = await watch.untilEvent('REMOVED', '9');
  expect(event.reason).toMatch(/serves on from memory/);
  const [engine] = enginesOf(server.pid);
  process.kill(engine!.pid, 'SIGKILL');
  const again = await score();
  expect(again).toMatchObject({ probability, servedBy: { version: '9' } });
  expect((await server.find('9'))?.isLive).toBe(true);
  // Once another is live and it is unloaded, nothing of it is left.
  await promote('8');
  dataOf(await ask(server, UNLOAD, { input: { model: MODEL, version: '9' } }));
  await until('version 9 is forgotten', async () => (await server.find('9')) === undefined);
});

it('a model file that is broken for a while takes nothing away', async () => {
  const before = watch.events.length;
  writeFileSync(path.join(folders.models, MODEL, 'model.json'), '{ "name": ');
  folders.add('10');
  folders.writeModelFile({ description: 'Mended.' });
  await watch.untilEvent('READY', '10');
  expect(watch.events.slice(before).filter(({ kind, version }) => kind === 'REMOVED' && version !== '10')).toEqual([]);
  expect((await server.model()).live?.version).toBe('8');
});

it('a hundred that are dropped in at once all pass their gates, and no more stay loaded than keepLoaded says', async () => {
  const versions = Array.from({ length: 100 }, (_, index) => String(index + 200));
  for (const version of versions) folders.add(version);
  await until('all have been ready', () => versions.every((version) => toldOf(version).includes('READY')), 100_000);
  await until('the surplus is unloaded', async () => {
    const { versions: all } = await server.model();
    return all.filter(({ phase }) => phase === 'READY').length <= 4 && all.every(({ phase }) => phase !== 'DRAINING');
  });
  expect((await score()).servedBy.version).toBe('8');
}, 120_000);

it('the history holds all that the subscriber was told, in the same order', async () => {
  const first = watch.events.find(({ kind }) => kind !== 'CURRENT')!;
  const events: EventAnswer[] = [];
  for (let after = null as string | null; ;) {
    const page = dataOf(await ask(server, READ_EVENTS, { after, first: 137 })).modelVersionEvents!;
    events.push(...page.nodes);
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage) break;
  }
  const from = events.findIndex(({ cursor }) => cursor === first.cursor);
  const cursors = (all: readonly { cursor: string }[]): string[] => all.map(({ cursor }) => cursor);
  await until('the subscriber has all', () => watch.events.at(-1)?.cursor === events.at(-1)?.cursor);
  expect(cursors(events.slice(from))).toEqual(cursors(watch.events.slice(1)));
});
