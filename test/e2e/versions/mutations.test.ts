import { rmSync } from 'node:fs';
import path from 'node:path';
import { subscribeEvents } from '../../support/event-subscription';
import { ask, codesOf, dataOf, type Operation } from '../../support/graphql';
import { createTransaction } from '../../support/inputs';
import { SCORE_FRAUD } from '../../support/operations';
import { until } from '../../support/until';
import { MODEL, VersionFolders } from '../../support/version-folders';
import { LOAD, PROMOTE, READ_EVENTS, ROLL_BACK, UNLOAD } from '../../support/version-operations';
import { VersionServer } from '../../support/version-server';

let folders: VersionFolders;
let server: VersionServer;

beforeAll(async () => {
  folders = new VersionFolders(['1', '2', '3']);
  folders.add('4', (folder) => rmSync(path.join(folder, 'golden.json')));
  server = await new VersionServer(folders).start();
  await server.untilPhase('4', 'FAILED');
});
afterAll(async () => {
  await server.stop();
  folders[Symbol.dispose]();
});

const input = (version: string, more: object = {}) => ({ input: { model: MODEL, version, ...more } });
const servedBy = async () =>
  dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() })).fraudScore!.servedBy.version;
const refusal = async (operation: Operation<unknown>, variables: Record<string, unknown>) => {
  const answer = await ask(server, operation, variables);
  return { codes: codesOf(answer), message: answer.errors[0]?.message, status: answer.status };
};

it('promotes, answers with the event, and the next prediction is by the new version', async () => {
  expect(await servedBy()).toBe('3');
  const { promoteModelVersion } = dataOf(await ask(server, PROMOTE, input('1', { reason: 'better on Mondays' })));
  expect(promoteModelVersion).toMatchObject({
    model: { live: { version: '1' }, previous: { version: '3' } },
    event: {
      kind: 'PROMOTED',
      version: '1',
      previousVersion: '3',
      reason: 'better on Mondays',
      actor: 'local',
      modelVersion: { isLive: true },
    },
  });
  expect(await servedBy()).toBe('1');
});

it('rolls back to where it was, and refuses to without a past', async () => {
  const { rollbackModel } = dataOf(await ask(server, ROLL_BACK, { input: { model: MODEL } }));
  expect(rollbackModel).toMatchObject({
    model: { live: { version: '3' } },
    event: { kind: 'ROLLED_BACK', previousVersion: '1' },
  });
  expect(await servedBy()).toBe('3');
  expect(await refusal(ROLL_BACK, { input: { model: MODEL } })).toMatchObject({
    codes: ['CONFLICT'],
    message: expect.stringMatching(/no earlier version/) as string,
    status: 200,
  });
});

it('unloads and loads again, and tells each step', async () => {
  const watch = subscribeEvents(server, { kinds: ['DRAINING', 'UNLOADED', 'VERIFYING', 'READY', 'CURRENT'] });
  await watch.untilEvent('CURRENT', '3');
  expect(dataOf(await ask(server, UNLOAD, input('2')))).toMatchObject({
    unloadModelVersion: { modelVersion: { version: '2' } },
  });
  await watch.untilEvent('UNLOADED', '2');
  expect(dataOf(await ask(server, LOAD, input('2')))).toMatchObject({
    loadModelVersion: { modelVersion: { version: '2', phase: 'VERIFYING' } },
  });
  await watch.untilEvent('READY', '2');
  expect(watch.told()).toEqual(['CURRENT 3', 'DRAINING 2', 'UNLOADED 2', 'VERIFYING 2', 'READY 2']);
  await watch.close();
});

it.each<[string, Operation<unknown>, Record<string, unknown>, string, RegExp]>([
  ['promoting what is live', PROMOTE, input('3'), 'CONFLICT', /is live already/],
  ['promoting what failed', PROMOTE, input('4'), 'CONFLICT', /failed while verifying: File golden\.json is missing/],
  ['unloading what is live', UNLOAD, input('3'), 'CONFLICT', /is live\. Promote another version first/],
  ['unloading what failed', UNLOAD, input('4'), 'CONFLICT', /failed while/],
  ['loading what is ready', LOAD, input('2'), 'CONFLICT', /is ready/],
  ['a version there is none of', PROMOTE, input('7'), 'VERSION_NOT_FOUND', /no version 7\. Ready: 3, 2, 1/],
  [
    'a model there is none of',
    ROLL_BACK,
    { input: { model: 'oracle' } },
    'MODEL_NOT_FOUND',
    /There is "fraud-detector"/,
  ],
  ['a name that could be none', PROMOTE, input('../1'), 'BAD_USER_INPUT', /letters, digits/],
  ['a reason without end', PROMOTE, input('1', { reason: 'x'.repeat(1001) }), 'BAD_USER_INPUT', /1000 characters/],
  [
    'a cursor of another server',
    READ_EVENTS,
    { after: Buffer.from('x|1').toString('base64url') },
    'CURSOR_INVALID',
    /Start again without it/,
  ],
  ['both ends of the history', READ_EVENTS, { first: 1, last: 1 }, 'BAD_USER_INPUT', /either first or last/],
  ['a page that is too long', READ_EVENTS, { first: 1001 }, 'BAD_USER_INPUT', /1 to 1000/],
])('refuses %s', async (_what, operation, variables, code, message) => {
  expect(await refusal(operation, variables)).toMatchObject({
    codes: [code],
    message: expect.stringMatching(message) as string,
    status: 200,
  });
});

it('turns the pages of the history from both ends', async () => {
  const read = async (variables: Record<string, unknown>) =>
    dataOf(await ask(server, READ_EVENTS, variables)).modelVersionEvents!;
  const all = await read({ first: 1000 });
  const cursors = all.nodes.map(({ cursor }) => cursor);
  expect(all.pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: cursors[0],
    endCursor: cursors.at(-1),
  });
  const newest = await read({ last: 3 });
  expect(newest.nodes.map(({ cursor }) => cursor)).toEqual(cursors.slice(-3));
  expect(newest.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
  const before = await read({ last: 2, before: newest.pageInfo.startCursor });
  expect(before.nodes.map(({ cursor }) => cursor)).toEqual(cursors.slice(-5, -3));
  const onlyReady = await read({ kinds: ['READY'], first: 2 });
  expect(onlyReady.nodes.map(({ kind }) => kind)).toEqual(['READY', 'READY']);
});

describe('a subscription', () => {
  it('begins with what is live, and after its cursor with that again', async () => {
    const first = subscribeEvents(server);
    const current = await first.untilEvent('CURRENT', '3');
    await first.close();
    const second = subscribeEvents(server, { after: current.cursor });
    await second.untilEvent('CURRENT', '3');
    await second.close();
  });

  it('resumes after any event without a gap or a double', async () => {
    const { nodes } = dataOf(await ask(server, READ_EVENTS, { first: 1000 })).modelVersionEvents!;
    for (const from of [0, 5, nodes.length - 2]) {
      const watch = subscribeEvents(server, { after: nodes[from]!.cursor });
      await until('it has caught up', () => watch.events.length >= nodes.length - from - 1);
      expect(watch.events.map(({ cursor }) => cursor)).toEqual(nodes.slice(from + 1).map(({ cursor }) => cursor));
      await watch.close();
    }
  });

  it('tells only of the model and the kinds that were asked for', async () => {
    const none = subscribeEvents(server, { model: 'oracle' });
    const promoted = subscribeEvents(server, { kinds: ['PROMOTED'] });
    const all = subscribeEvents(server);
    await all.untilEvent('CURRENT', '3');
    dataOf(await ask(server, PROMOTE, input('2')));
    await promoted.untilEvent('PROMOTED', '2');
    expect(promoted.told()).toEqual(['PROMOTED 2']);
    expect(none.told()).toEqual([]);
    await Promise.all([none, promoted, all].map((each) => each.close()));
  });

  it.each([
    ['nonsense', 'x'],
    ['another server', Buffer.from('00000000-0000-0000-0000-000000000000|1').toString('base64url')],
  ])('with a cursor of %s is refused as CURSOR_INVALID', async (_what, after) => {
    const watch = subscribeEvents(server, { after });
    await watch.ended;
    expect(watch.errors).toMatchObject([{ extensions: { code: 'CURSOR_INVALID' } }]);
    await watch.close();
  });
});
