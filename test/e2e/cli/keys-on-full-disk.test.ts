import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ask } from '../../support/graphql';
import { changeKeys, createKey, ROOT, startServer } from '../../support/server';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from '../../support/small-disk';
import { until } from '../../support/until';
import { openSocket } from '../../support/websocket';

/** So many that the pages of the file are full. */
const KEYS = 40;

/** Only root can mount a file system that is small enough to fill. */
const onSmallDisk = process.getuid?.() !== 0 || process.platform !== 'linux' ? describe.skip : describe;

onSmallDisk('a full disk', () => {
  it('lets a key be revoked, though none can be made', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'predictql-full-'));
    const predictql = (...args: string[]) =>
      spawnSync(process.execPath, ['dist/cli.js', 'keys', ...args], {
        cwd: ROOT,
        env: { PATH: process.env['PATH'], PREDICTQL_DATA_DIR: folder },
        encoding: 'utf8',
      });
    expect(mountSmallDisk(folder, '1m')).toBeUndefined();
    try {
      const keys = changeKeys(folder, (file) =>
        Array.from({ length: KEYS }, (_, index) => createKey(file, { name: `key-${index}`, scopes: ['models:read'] })),
      );
      const server = await startServer({ settings: { PREDICTQL_DATA_DIR: folder, PREDICTQL_LOG_LEVEL: 'error' } });
      const statusWith = async (key: string): Promise<number> =>
        (await ask(server, { text: '{ models { name } }' }, {}, { headers: { 'x-api-key': key } })).status;
      const statuses = () => Promise.all(keys.map(statusWith));
      try {
        const socket = await openSocket(server, { connectionParams: { apiKey: keys[7]! } });
        using _full = fillDisk(folder);
        expect(predictql('create', '-n', 'more', '-s', '*')).toMatchObject({ status: 1, stdout: '' });
        for (let index = 0; index < KEYS; index += 2) changeKeys(folder, (file) => file.revoke(`key-${index}`));
        expect(predictql('revoke', 'key-7').stdout).toContain('Key "key-7" is revoked.');
        expect(await socket.ended).toEqual({ code: 4401, reason: 'The key is revoked.' });
        const expected = keys.map((_, index) => (index % 2 === 0 || index === 7 ? 401 : 200));
        await until('just these are refused', async () => String(await statuses()) === String(expected));
        expect(predictql('list').stdout).toMatch(/^key-7 .* revoked 20/m);
        const name = { text: '{ viewer { name } }' };
        const { errors } = await ask(server, name, {}, { headers: { 'x-api-key': keys[7]! } });
        expect(errors[0]?.message).toBe('The key is revoked.');
      } finally {
        await server.stop();
      }
      expect(predictql('create', '-n', 'more', '-s', '*').status).toBe(0);
    } finally {
      unmountSmallDisk(folder);
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});
