import path from 'node:path';
import type * as ProcessPoolModule from '../../src/engines/onnx/process-pool';
import { requireCompiled } from '../support/compiled';
import { fakeEngine } from '../support/fake-engine';
import { doubling, lookup } from '../support/fake-models';
import { silentLog } from '../support/silent-log';
import { createTemporaryFolder } from '../support/temporary-folder';
import { writeTinyModels, type TinyModelFiles } from '../support/tiny-models';
import { describeEngine } from './engine.contract';

describeEngine('the fake engine', () => ({
  createEngine: (places) => fakeEngine({ places, models: { double: doubling, lookup } }),
  files: { double: 'double', lookup: 'lookup', truncated: 'truncated' },
}));

describe('compiled', () => {
  const { ProcessPool } = requireCompiled('engines/onnx/process-pool') as typeof ProcessPoolModule;
  let files: TinyModelFiles;
  const folder = createTemporaryFolder();
  let pools = 0;
  beforeAll(() => {
    files = writeTinyModels();
  });
  afterAll(() => {
    files[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  describeEngine('the process pool', () => ({
    createEngine: (processes) =>
      new ProcessPool({
        processes,
        threads: 1,
        runTimeoutMs: 10_000,
        loadTimeoutMs: 30_000,
        folder: path.join(folder.path, String(++pools)),
        log: silentLog,
      }),
    files,
  }));
});
