import { spawnSync } from 'node:child_process';
import { ask, dataOf } from '../../support/graphql';
import { ROOT, startServer, type TestServer } from '../../support/server';
import { until } from '../../support/until';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

function predictql(args: readonly string[], settings: Readonly<Record<string, string>> = {}): Outcome {
  const env = { PATH: process.env['PATH'], PREDICTQL_DATA_DIR: server.dataFolder, ...settings };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli.js', ...args], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

const statusWith = async (headers: Readonly<Record<string, string>>): Promise<number> =>
  (await ask(server, { text: '{ models { name } }' }, {}, { headers })).status;

describe('predictql keys', () => {
  it('closes a running server with its first key, which alone goes to standard output', async () => {
    expect(await statusWith({})).toBe(200);
    const { code, stdout, stderr } = predictql([
      'keys',
      'create',
      '--name',
      'ops',
      '--scope',
      'models:read',
      'models:write',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^pql_\w+\n$/);
    expect(stderr).toBe('Key "ops" may models:read, models:write. It is shown this once: only its hash is kept.\n');
    await until('the server asks for a key', async () => (await statusWith({})) === 401);
    expect(await statusWith({ 'x-api-key': stdout.trim() })).toBe(200);
  });

  it('lets the other commands ask with PREDICTQL_API_KEY, and events name the key', async () => {
    const key = predictql(['keys', 'rotate', 'ops', '--grace', '1h']).stdout.trim();
    await until('the key opens', async () => (await statusWith({ 'x-api-key': key })) === 200);
    const asOps = { PREDICTQL_API_KEY: key, PREDICTQL_URL: `${server.origin}/graphql` };
    expect(predictql(['models', 'list'], asOps).stdout).toContain('fraud-detector');
    expect(predictql(['models', 'promote', 'fraud-detector', '1'], asOps).code).toBe(0);
    const events = { text: '{ modelVersionEvents(kinds: [PROMOTED], last: 1) { nodes { version actor } } }' };
    const answer = await ask(server, events, {}, { headers: { 'x-api-key': key } });
    expect(dataOf(answer)).toEqual({ modelVersionEvents: { nodes: [{ version: '1', actor: 'ops' }] } });
    const refused = predictql(['models', 'list'], { PREDICTQL_URL: asOps.PREDICTQL_URL });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('This needs a key.') });
  });

  it('lists keys with all they may do, and no secret', () => {
    const options = ['--expires', '30d', '--bulk', '--requests-per-second', '2.5', '--subscriptions', '4'];
    const { stdout: key } = predictql(['keys', 'create', '-n', 'web', '-s', 'predict:sentiment', ...options]);
    const { stdout } = predictql(['keys', 'list']);
    expect(stdout).toMatch(/^NAME +ID +SCOPES +CLASS +LIMITS +CREATED +EXPIRES +STATE$/m);
    expect(stdout).toMatch(/^ops +\w{12} +models:read models:write +interactive +- .* active, the former until 20/m);
    expect(stdout).toMatch(/^web +\w{12} +predict:sentiment +bulk +requestsPerSecond=2.5 subscriptions=4 .* active$/m);
    expect(stdout).not.toContain(key.trim().slice(17));
  });

  it('revokes', async () => {
    const key = predictql(['keys', 'create', '-n', 'leaver', '-s', '*']).stdout.trim();
    await until('the key opens', async () => (await statusWith({ 'x-api-key': key })) === 200);
    expect(predictql(['keys', 'revoke', 'leaver']).stdout).toContain('Key "leaver" is revoked.');
    await until('the key is refused', async () => (await statusWith({ 'x-api-key': key })) === 401);
    expect(predictql(['keys', 'list']).stdout).toMatch(/^leaver .* revoked 20/m);
  });

  it.each([
    [['create', '-s', '*'], 'required option'],
    [['create', '-n', 'x'], 'required option'],
    [['create', '-n', 'x', '-s', 'everything'], 'There is no scope everything. There are predict:classify-image,'],
    [['create', '-n', 'a b', '-s', '*'], 'The name "a b" is not one.'],
    [['create', '-n', 'web', '-s', '*'], 'There is a key "web" already.'],
    [['create', '-n', 'x', '-s', '*', '-e', 'soon'], 'Expected a length of time such as 90d'],
    [['create', '-n', 'x', '-s', '*', '-e', '2020-01-01'], 'is past'],
    [['create', '-n', 'x', '-s', '*', '--requests-per-second', '0'], 'Expected a number above 0'],
    [['create', '-n', 'x', '-s', '*', '--subscriptions', '1.5'], 'Expected a whole number'],
    [['revoke', 'nobody'], 'There is no key "nobody" that is not revoked.'],
    [['rotate', 'leaver'], 'There is no key "leaver" that is not revoked.'],
    [['rotate', 'web', '--grace', '-1'], 'Expected a length of time'],
  ])('%j fails with a sentence and prints no key', (args, message) => {
    const { code, stdout, stderr } = predictql(['keys', ...args]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });
});
