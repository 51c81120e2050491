import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { subscribeEvents } from '../../support/event-subscription';
import { ask, codesOf, dataOf } from '../../support/graphql';
import { createTransaction } from '../../support/inputs';
import { SCORE_FRAUD } from '../../support/operations';
import { enginesOf, isAlive } from '../../support/processes';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from '../../support/small-disk';
import { until } from '../../support/until';
import { MODEL, putFile, VersionFolders } from '../../support/version-folders';
import { PROMOTE, READ_EVENTS, ROLL_BACK, UNLOAD } from '../../support/version-operations';
import { NOBODY, VersionServer } from '../../support/version-server';

let folders: VersionFolders;
let server: VersionServer;
beforeEach(() => {
  folders = new VersionFolders(['1', '2', '3']);
  server = new VersionServer(folders);
});
afterEach(async () => {
  await server.stop();
  folders[Symbol.dispose]();
});

const change = (version: string) => ({ input: { model: MODEL, version } });
const promote = async (version: string) => dataOf(await ask(server, PROMOTE, change(version)));

it.each([
  ['a restart', 'SIGTERM'],
  ['kill -9', 'SIGKILL'],
] as const)('%s keeps what is live, what is unloaded, and every cursor', async (_what, signal) => {
  await server.start();
  await promote('1');
  await promote('2');
  dataOf(await ask(server, UNLOAD, change('3')));
  await server.untilPhase('3', 'UNLOADED');
  const before = dataOf(await ask(server, READ_EVENTS, { first: 1000 })).modelVersionEvents!.nodes;
  const engines = enginesOf(server.pid);
  await server.stop(signal);
  await until('no engine process is left', () => engines.every(({ pid }) => !isAlive(pid)));

  await server.start();
  expect(await server.model()).toMatchObject({ live: { version: '2' }, previous: { version: '1' } });
  expect((await server.find('3'))?.phase).toBe('UNLOADED');
  const watch = subscribeEvents(server, { after: before[2]!.cursor });
  await until('it has resumed', () => watch.events.length >= before.length - 3);
  expect(watch.events.slice(0, before.length - 3).map(({ cursor }) => cursor)).toEqual(
    before.slice(3).map(({ cursor }) => cursor),
  );
  const rolledBack = dataOf(await ask(server, ROLL_BACK, { input: { model: MODEL } }));
  expect(rolledBack.rollbackModel?.model.live?.version).toBe('1');
  await watch.untilEvent('ROLLED_BACK', '1');
  await watch.close();
});

it('a live version that is broken at a restart gives way to the one before it, and says why', async () => {
  await server.start();
  await promote('1');
  await promote('2');
  await server.stop();
  // It may be still for long by now: the change lies before the start.
  folders.add('2', (folder) => writeFileSync(path.join(folder, 'model.onnx'), 'no model'));
  await server.start();
  expect((await server.model()).live?.version).toBe('1');
  const { nodes } = dataOf(await ask(server, READ_EVENTS, { kinds: ['ROLLED_BACK'], last: 1 })).modelVersionEvents!;
  expect(nodes).toMatchObject([
    { version: '1', previousVersion: '2', actor: null, reason: expect.stringMatching(/^At the start: /) as string },
  ]);
  expect(dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() })).fraudScore?.servedBy.version).toBe('1');
});

it('a data folder that another server uses stops the start with what to do', async () => {
  await server.start();
  const second = new VersionServer(folders);
  await second.launch();
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(second.errorOutput).toMatch(
    /The data folder cannot be used. Another server uses it: stop that one, or set PREDICTQL_DATA_DIR/,
  );
  expect(second.errorOutput).not.toMatch(/ at .*\.js:\d+/);
  expect((await server.model()).live?.version).toBe('3');
});

it('a data folder that cannot be written stops the start with what to do', async () => {
  chmodSync(folders.data, 0o555);
  await server.launch();
  expect(await server.ended).toEqual({ code: 1, signal: null });
  expect(server.errorOutput).toMatch(
    /The data folder cannot be used.*PREDICTQL_DATA_DIR to a folder that can be written/,
  );
  expect(server.errorOutput).not.toMatch(/ at .*\.js:\d+/);
});

/** Only root can mount a file system that is small enough to fill. */
const onSmallDisk = NOBODY === undefined || process.platform !== 'linux' ? it.skip : it;

onSmallDisk('a full disk refuses changes, loses no answer, and forgets nothing once there is room', async () => {
  mountSmallDisk(folders.data, '1m');
  try {
    await server.start();
    const watch = subscribeEvents(server, { kinds: ['READY', 'FAILED', 'CURRENT'] });
    await watch.untilEvent('CURRENT', '3');
    const filling = fillDisk(folders.data);
    const refused = await ask(server, PROMOTE, { input: { model: MODEL, version: '1', reason: 'x'.repeat(1000) } });
    expect(codesOf(refused)).toEqual(['INTERNAL_SERVER_ERROR']);
    expect(refused.errors[0]?.message).toMatch(/nothing was changed\. Is the disk full\?/);
    expect((await server.model()).live?.version).toBe('3');
    folders.add('4', (folder) => writeFileSync(path.join(folder, 'notes.txt'), 'not listed, and not needed'));
    await server.untilPhase('4', 'READY');
    // Another graph than the others have, for which there is no room.
    folders.add('5', (folder) =>
      putFile(folder, 'model.onnx', Buffer.concat([readFileSync(path.join(folder, 'model.onnx')), Buffer.alloc(2)])),
    );
    await server.untilPhase('5', 'FAILED');
    expect((await server.find('5'))?.failure).toMatchObject({
      during: 'VERIFYING',
      code: 'STORAGE_FULL',
      message: expect.stringMatching(/disk of the data folder is full/) as string,
    });
    expect(dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() })).fraudScore?.servedBy.version).toBe(
      '3',
    );

    filling[Symbol.dispose]();
    await watch.untilEvent('READY', '4');
    await watch.untilEvent('FAILED', '5');
    await watch.close();
    await promote('4');
    await server.stop('SIGKILL');
    await server.start();
    expect((await server.model()).live?.version).toBe('4');
  } finally {
    await server.stop();
    unmountSmallDisk(folders.data);
  }
});
