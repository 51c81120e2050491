import { readFileSync } from 'node:fs';
import path from 'node:path';
import { subscribeEvents, type EventSubscription } from '../../support/event-subscription';
import { ask, dataOf } from '../../support/graphql';
import { createTransaction } from '../../support/inputs';
import { SCORE_FRAUD } from '../../support/operations';
import { MODEL, putFile, VersionFolders, type Json } from '../../support/version-folders';
import { ROLL_BACK } from '../../support/version-operations';
import { VersionServer } from '../../support/version-server';

let folders: VersionFolders;
let server: VersionServer;
let watch: EventSubscription;

beforeAll(async () => {
  folders = new VersionFolders(['1'], { promotion: 'automatic', keepLoaded: 10 });
  server = await new VersionServer(folders).start();
  watch = subscribeEvents(server);
  await watch.untilEvent('CURRENT', '1');
});
afterAll(async () => {
  await watch.close();
  await server.stop();
  folders[Symbol.dispose]();
});

const answeredBy = async (): Promise<string> =>
  dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() })).fraudScore!.servedBy.version;
const toldOf = (version: string): string[] =>
  watch.events.filter((event) => event.version === version).map(({ kind }) => kind);

it('lets a version that is dropped in go live by itself, once it has passed every gate', async () => {
  folders.add('2');
  await watch.untilEvent('PROMOTED', '2');
  expect(toldOf('2')).toEqual(['DISCOVERED', 'VERIFYING', 'LOADING', 'WARMING', 'READY', 'PROMOTED']);
  expect(await answeredBy()).toBe('2');
});

it('keeps a newer version back that does not give its golden answers, and says which example', async () => {
  folders.add('3', (folder) => {
    const file = path.join(folder, 'golden.json');
    const golden = JSON.parse(readFileSync(file, 'utf8')) as { examples: Json[] };
    const examples = golden.examples.map((example) => ({ ...example, outputs: { probability: [0.5] } }));
    putFile(folder, 'golden.json', JSON.stringify({ ...golden, examples }));
  });
  await watch.untilEvent('FAILED', '3');
  expect((await server.find('3'))?.failure?.message).toMatch(/Golden example/);
  expect(await answeredBy()).toBe('2');
});

it('keeps an older version back, which is ready for whoever promotes it', async () => {
  folders.add('1.5');
  await watch.untilEvent('READY', '1.5');
  expect(await answeredBy()).toBe('2');
});

it('rests after a rollback: the next version is ready, and not live', async () => {
  dataOf(await ask(server, ROLL_BACK, { input: { model: MODEL } }));
  await watch.untilEvent('ROLLED_BACK', '1');
  folders.add('4');
  await watch.untilEvent('READY', '4');
  expect(await answeredBy()).toBe('1');
  expect(toldOf('4')).not.toContain('PROMOTED');
});
