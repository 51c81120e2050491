import { spawnSync } from 'node:child_process';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { exportPredictions } from '../../../src/cli/export-predictions';
import type { LoggedPrediction } from '../../../src/observability/prediction-log/prediction-row';
import { predictionFileIn, PredictionStore } from '../../../src/observability/prediction-log/prediction-store';
import { ROOT } from '../../support/server';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder';

let folder: TemporaryFolder;
beforeEach(() => (folder = createTemporaryFolder()));
afterEach(() => folder[Symbol.dispose]());

function prediction(number: number): LoggedPrediction {
  return {
    ...{ id: `prediction-${number}`, requestId: `request-${number}`, at: number, task: 'sentiment', model: 'm' },
    ...{ version: '1', role: 'live', outcome: 'answered', inputSha256: '0'.repeat(64) },
    ...{ input: null, output: '{"label":"POSITIVE"}', totalMs: 3, preprocessMs: 1, queueMs: 0.5, inferenceMs: 1 },
    ...{ postprocessMs: 0.5, batchSize: 1 },
  };
}

function log(rows: number): void {
  const store = new PredictionStore({ file: predictionFileIn(folder.path), maxBytes: 2 ** 30 });
  for (let from = 0; from < rows; from += 2_000)
    store.append(Array.from({ length: Math.min(2_000, rows - from) }, (_, index) => prediction(from + index)));
  store.close();
}

const MANY = 120_000;

/** So many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}

describe('an export', () => {
  it('writes no faster than it is taken', async () => {
    log(3_000);
    let most = 0;
    let taken = '';
    const output = new Writable({
      highWaterMark: 10_000,
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        most = Math.max(most, output.writableLength);
        taken += chunk;
        void turns(5).then(() => done());
      },
    });
    await exportPredictions(folder.path, { format: 'jsonl' }, output);
    // 3,000 lines have a megabyte; a page has a hundred.
    expect(most).toBeLessThan(100_000);
    output.end();
    await new Promise((resolve) => output.on('finish', resolve));
    expect(taken.trimEnd().split('\n')).toHaveLength(3_000);
  });

  it('lets other things happen where all is taken at once, as files and pipes do', async () => {
    log(3_000);
    let writes = 0;
    let heard = 0;
    const output = new Writable({
      highWaterMark: 1e9,
      write(_chunk, _encoding, done) {
        writes++;
        done();
      },
    });
    const exporting = exportPredictions(folder.path, { format: 'csv' }, output).then(() => 'done');
    while ((await Promise.race([exporting, setImmediate('turn')])) === 'turn') heard++;
    expect(writes).toBeGreaterThan(20);
    expect(heard).toBeGreaterThan(writes / 2);
  });

  it.each(['csv', 'jsonl'])('as %s keeps nothing of what it has written', (format) => {
    log(MANY);
    // The command line alone takes 35 MB of it; all the rows would take 100 more.
    const args = ['--max-old-space-size=80', 'dist/cli.js', 'predictions', 'export', '-f', format];
    const env = { PATH: process.env['PATH'], PREDICTQL_DATA_DIR: folder.path };
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8', maxBuffer: 1e9 });
    expect(status).toBe(0);
    expect(stdout.split('prediction-').length - 1).toBe(MANY);
  });
});
