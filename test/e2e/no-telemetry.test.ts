import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServer } from '../support/server';

describe('the engine processes', () => {
  it('leave no trace of ONNX Runtime’s telemetry', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'predictql-home-'));
    try {
      // Without the switch it keeps a database under the home folder and a log in the temporary one.
      const server = await startServer({ settings: { HOME: home, TMPDIR: home, ORT_DISABLE_TELEMETRY: '' } });
      await server.stop();
      expect(readdirSync(home)).toEqual([]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
});
