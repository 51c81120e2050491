import type * as ProcessPoolModule from '../../src/engines/onnx/process-pool';
import { requireCompiled } from '../support/compiled';
import { fakeEngine } from '../support/fake-engine';
import { doubling, lookup } from '../support/fake-models';
import { silentLog } from '../support/silent-log';
import { writeTinyModels, type TinyModelFiles } from '../support/tiny-models';
import { describeEngine } from './engine.contract';

describeEngine('the fake engine', () => ({
  createEngine: (places) => fakeEngine({ places, models: { double: doubling, lookup } }),
  files: { double: 'double', lookup: 'lookup', truncated: 'truncated' },
}));

describe('compiled', () => {
  const { ProcessPool } = requireCompiled('engines/onnx/process-pool') as typeof ProcessPoolModule;
  let files: TinyModelFiles;
  beforeAll(() => {
    files = writeTinyModels();
  });
  afterAll(() => files[Symbol.dispose]());

  describeEngine('the process pool', () => ({
    createEngine: (processes) =>
      new ProcessPool({ processes, threads: 1, runTimeoutMs: 10_000, loadTimeoutMs: 30_000, log: silentLog }),
    files,
  }));
});
