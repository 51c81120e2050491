import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Draw } from '../fuzz/draw';
import { ask, codesOf, dataOf, type Answer } from '../support/graphql';
import { enginesOf } from '../support/processes';
import { changeKeys, createKey } from '../support/server';
import { until } from '../support/until';
import { putFile } from '../support/version-folders';
import { LIST_VERSIONS, PROMOTE, ROLL_BACK, UNLOAD } from '../support/version-operations';
import { openSocket } from '../support/websocket';
import { fillDisk } from '../support/small-disk';
import type { Watchers } from './watchers';
import { FRAUD_MODEL, VERSIONS, type World } from './world';

export interface Disturbed {
  readonly world: World;
  readonly watchers: Watchers;
  readonly draw: Draw;
  readonly turn: number;
  /** Hears of each change of versions that is refused. */
  readonly onRefused: (code: string) => void;
}

/** Does one thing to the server. Throws an Error where it does not take it as it should. */
export type Disturbance = (disturbed: Disturbed) => Promise<void>;

/** By what they are, in the order in which they first come. */
export const DISTURBANCES: Readonly<Record<string, Disturbance>> = {
  'an engine process is killed': (disturbed) => signal(disturbed, 'SIGKILL'),
  'a subscriber is cut off': ({ watchers, draw }) => watchers.cut(draw.int(0, 100)),
  'another version is made live': promote,
  'an engine process is stopped and goes on': async (disturbed) => {
    const pid = pick(disturbed);
    // Now and then longer than a call may take.
    const stoppedMs = disturbed.draw.pick([100, 500, 3_000]);
    send(pid, 'SIGSTOP');
    await pause(stoppedMs);
    send(pid, 'SIGCONT');
  },
  'a key is revoked': revoke,
  'a broken version comes and goes': breakNewVersion,
  'the files of a loaded version are broken and mended': breakLoadedVersion,
  'a new version comes, goes live and leaves': replaceVersion,
  'the disk is full for a moment': fillDiskForAMoment,
  'an engine process is stopped for good': (disturbed) => signal(disturbed, 'SIGSTOP'),
};

/** Engine processes that die again and again are replaced ever more slowly, and a version waits for all of them. */
const LOAD_LIMIT_MS = 120_000;

/** What a change of versions may be refused with while others change them too. */
const MAY_REFUSE = ['CONFLICT', 'MODEL_NOT_READY', 'VERSION_NOT_FOUND'];

/** Promotes a version or rolls back; what is confirmed must be told to everybody. */
async function promote(disturbed: Disturbed, mayFail = false): Promise<void> {
  const { world, watchers, draw } = disturbed;
  const input = { model: FRAUD_MODEL, reason: 'Chaos' };
  const version = draw.pick(VERSIONS);
  const { server, headers } = world;
  if (draw.chance(0.3)) {
    const answer = await ask(server, ROLL_BACK, { input }, { headers });
    if (isDone(disturbed, answer, mayFail)) watchers.confirm(dataOf(answer).rollbackModel!.event.cursor);
    return;
  }
  const answer = await ask(server, PROMOTE, { input: { ...input, version } }, { headers });
  if (isDone(disturbed, answer, mayFail)) watchers.confirm(dataOf(answer).promoteModelVersion!.event.cursor);
}

function isDone({ onRefused }: Disturbed, { errors }: Pick<Answer<unknown>, 'errors'>, mayFail = false): boolean {
  const [code] = codesOf({ errors });
  if (code === undefined) return true;
  const isExpected = MAY_REFUSE.includes(code) || (mayFail && /Is the disk full/.test(errors[0]!.message));
  if (!isExpected) throw new Error(`A change was refused with ${code}: ${errors[0]!.message}`);
  onRefused(code);
  return false;
}

async function revoke({ world, turn }: Disturbed): Promise<void> {
  const key = await issueKey(world, `key-${turn}`);
  await key.revoke();
}

/** A key opens, and a subscription goes on with it; revoked, it opens nothing and the subscription ends. */
async function issueKey({ server, folders }: World, name: string): Promise<{ readonly revoke: () => Promise<void> }> {
  const key = changeKeys(folders.data, (file) => createKey(file, { name, scopes: ['models:read'] }));
  const codes = async () =>
    codesOf(await ask(server, { text: '{ models { name } }' }, {}, { headers: { 'x-api-key': key } }));
  await until('the new key opens', async () => (await codes()).length === 0);
  const socket = await openSocket(server, { connectionParams: { apiKey: key } });
  socket.start({ text: 'subscription { modelVersionChanged { cursor } }' });
  return {
    async revoke() {
      changeKeys(folders.data, (file) => file.revoke(name));
      await until('the revoked key opens nothing', async () => (await codes())[0] === 'UNAUTHENTICATED');
      const { code } = await socket.ended;
      if (code !== 4401) throw new Error(`The subscription of a revoked key ended with ${code}.`);
    },
  };
}

/** Files that are missing, cut or no longer what their checksums say, or whose checksums are right and their graph is none. */
async function breakNewVersion({ world, draw, turn }: Disturbed): Promise<void> {
  const version = `${1_000 + turn}`;
  const file = draw.pick(['model.onnx', 'manifest.json', 'golden.json']);
  const bytes = draw.bytes(draw.int(0, 200));
  const kind = draw.pick(['missing', 'changed', 'no graph']);
  world.folders.add(version, (folder) => {
    if (kind === 'missing') rmSync(path.join(folder, file));
    else if (kind === 'changed') writeFileSync(path.join(folder, file), bytes);
    else putFile(folder, 'model.onnx', bytes);
  });
  await pause(draw.int(200, 1_500));
  world.folders.remove(version);
}

/** What was verified is what serves on, whatever becomes of its folder. */
async function breakLoadedVersion({ world, draw }: Disturbed): Promise<void> {
  const folder = world.folders.folder(draw.pick(VERSIONS));
  const file = path.join(folder, draw.pick(['model.onnx', 'golden.json']));
  const bytes = draw.bytes(draw.int(0, 200));
  const whole = `${file}.whole`;
  copyFileSync(file, whole);
  writeFileSync(file, bytes);
  await pause(draw.int(200, 1_500));
  copyFileSync(whole, file);
  rmSync(whole);
}

async function replaceVersion(disturbed: Disturbed): Promise<void> {
  const { world, watchers, turn } = disturbed;
  const { server, folders, headers } = world;
  const version = `${100_000 + turn}`;
  folders.add(version);
  const phase = async (): Promise<string | undefined> => {
    const { models } = dataOf(await ask(server, LIST_VERSIONS, {}, { headers }));
    const model = models.find(({ name }) => name === FRAUD_MODEL);
    return model?.versions.find((each) => each.version === version)?.phase;
  };
  try {
    await until('the new version is ready', async () => (await phase()) === 'READY', LOAD_LIMIT_MS);
    const input = { model: FRAUD_MODEL, version, reason: 'Chaos' };
    const answer = await ask(server, PROMOTE, { input }, { headers });
    if (isDone(disturbed, answer)) watchers.confirm(dataOf(answer).promoteModelVersion!.event.cursor);
    await promote(disturbed);
    isDone(disturbed, await ask(server, UNLOAD, { input: { model: FRAUD_MODEL, version } }, { headers }));
  } finally {
    folders.remove(version);
  }
}

/** Changes are refused or confirmed, never half done; a key can be revoked all the same. */
async function fillDiskForAMoment(disturbed: Disturbed): Promise<void> {
  const { world, draw, turn } = disturbed;
  if (world.noSmallDisk !== undefined) return;
  const changes = draw.int(1, 3);
  const key = await issueKey(world, `key-${turn}`);
  using _full = fillDisk(world.folders.data);
  for (let change = 0; change < changes; change++) await promote(disturbed, true);
  await key.revoke();
}

function signal(disturbed: Disturbed, name: NodeJS.Signals): Promise<void> {
  send(pick(disturbed), name);
  return Promise.resolve();
}

function pick({ world, draw }: Disturbed): number | undefined {
  const engines = enginesOf(world.server.pid);
  // Drawn even where there is none, so that what follows does not depend on it.
  return engines[draw.int(0, 1_000) % Math.max(1, engines.length)]?.pid;
}

function send(pid: number | undefined, name: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, name);
  } catch {
    // It has been replaced meanwhile.
  }
}
