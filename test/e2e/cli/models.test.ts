import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../support/server';
import { START_FLAGS } from '../../support/start-flags';
import { MODEL, VersionFolders } from '../../support/version-folders';
import { VersionServer } from '../../support/version-server';

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

let folders: VersionFolders;
let server: VersionServer;
beforeAll(async () => {
  folders = new VersionFolders(['1', '2']);
  folders.add('3', (folder) => writeFileSync(path.join(folder, 'golden.json'), '{}'));
  server = await new VersionServer(folders).start();
  await server.untilPhase('3', 'FAILED');
});
afterAll(async () => {
  await server.stop();
  folders[Symbol.dispose]();
});

/** Runs the command as a user does. */
function predictql(args: readonly string[], url = `${server.origin}/graphql`): Promise<Outcome> {
  const env = { ...process.env, PREDICTQL_URL: url, PREDICTQL_MODELS_DIR: folders.models };
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(ROOT, 'dist/cli.js'), ...args], { env }, (error, output, errors) => {
      resolve({ code: error ? Number(error.code) : 0, output, errors });
    });
  });
}
const models = (...args: readonly string[]) => predictql(['models', ...args]);

it('lists every version with its phase, and why it failed', async () => {
  const { code, output } = await models('list');
  expect(code).toBe(0);
  const lines = output.trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/^MODEL +TASK +VERSION +PHASE +REASON$/);
  expect(lines[1]).toMatch(/^fraud-detector +FRAUD_SCORE +3 +FAILED +File golden\.json has 2 bytes/);
  expect(lines[2]).toMatch(/^fraud-detector +FRAUD_SCORE +2 +READY, live$/);
});

it('promotes, rolls back, unloads and loads', async () => {
  expect(await models('promote', MODEL, '1', '--reason', 'by hand')).toEqual({
    code: 0,
    output: 'Version 1 of fraud-detector is live; rollback would return to 2.\n',
    errors: '',
  });
  expect((await server.model()).live?.version).toBe('1');
  expect(await models('rollback', MODEL)).toMatchObject({ code: 0, output: 'Version 2 of fraud-detector is live.\n' });
  expect(await models('unload', MODEL, '1')).toMatchObject({ code: 0 });
  await server.untilPhase('1', 'UNLOADED');
  expect(await models('load', MODEL, '1')).toMatchObject({ code: 0 });
  await server.untilPhase('1', 'READY');
});

it('says what the server refused, and ends with 1', async () => {
  const refused = await models('promote', MODEL, '3');
  expect(refused).toMatchObject({ code: 1, output: '' });
  expect(refused.errors).toMatch(/^Version 3 of "fraud-detector" cannot be promoted: it failed while verifying/);
});

it.each([
  ['rolling back without a past', ['rollback', MODEL], /^Model "fraud-detector" has no earlier version.*Promote one/],
  ['promoting what is live', ['promote', MODEL, '2'], /^Version 2 of "fraud-detector" is live already/],
  ['promoting what there is not', ['promote', MODEL, '7'], /^Model "fraud-detector" has no version 7\. Ready: 2, 1\./],
  ['a model there is none of', ['rollback', 'oracle'], /^There is no model of that name\. There is "fraud-detector"\./],
  ['a version that is missing', ['promote', MODEL], /missing required argument 'version'[^]*Usage: predictql models/],
])('%s ends with 1 and a sentence', async (_what, args, says) => {
  const { code, output, errors } = await models(...args);
  expect([code, output]).toEqual([1, '']);
  expect(errors.replace(/^error: /, '')).toMatch(says);
});

it('says what to do where no server answers', async () => {
  const { code, errors } = await predictql(['models', 'list'], 'http://127.0.0.1:9/graphql');
  expect(code).toBe(1);
  expect(errors).toBe(
    'No server answers at http://127.0.0.1:9/graphql. Start one with "predictql serve", or set PREDICTQL_URL to where it is.\n',
  );
});

it('refuses an address that is none', async () => {
  expect(await predictql(['models', 'list'], 'localhost')).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^PREDICTQL_URL: /) as string,
  });
});

describe('verify', () => {
  it('takes a sound version through all gates without a server', async () => {
    const outcome = await predictql(['models', 'verify', folders.folder('1')], 'http://127.0.0.1:9/graphql');
    expect(outcome).toMatchObject({ code: 0, errors: '' });
    expect(outcome.output).toMatch(
      /^Version 1 of fraud-detector is sound: (\d+) of \1 golden examples, largest difference/,
    );
  });

  it('takes the names of a model and a version as well', async () => {
    expect((await models('verify', MODEL, '2')).output).toMatch(/^Version 2 of fraud-detector is sound/);
  });

  it('says which gate a version does not pass and why, and ends with 1', async () => {
    const { code, output } = await models('verify', MODEL, '3');
    expect(code).toBe(1);
    expect(output).toMatch(
      /^Version 3 of fraud-detector failed while verifying \(CHECKSUM_MISMATCH\): File golden\.json/,
    );
  });

  it('says that there is no such model', async () => {
    expect(await models('verify', 'oracle', '1')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/There is no model "oracle"/) as string,
    });
  });
});

it('serves, as npm start does', async () => {
  const other = new VersionFolders();
  const served = new VersionServer(other, { command: ['dist/cli.js', 'serve'] });
  await served.start();
  expect((await served.model()).live?.version).toBe('1');
  expect(await served.stop()).toEqual({ code: 0, signal: null });
  other[Symbol.dispose]();
});

it('is run with the flags of npm start', () => {
  const [shebang] = readFileSync(path.join(ROOT, 'dist/cli.js'), 'utf8').split('\n');
  expect(shebang).toBe(`#!/usr/bin/env -S node ${START_FLAGS.join(' ')}`);
});

it('does not serve with an argument, since it would not be heeded', async () => {
  expect(await predictql(['serve', '--port', '4001'])).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^error: unknown option '--port'/) as string,
  });
});
