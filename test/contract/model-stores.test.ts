import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createDiskStore } from '../../src/registry/disk-store';
import { silentLog } from '../support/silent-log';
import { createTemporaryFolder } from '../support/temporary-folder';
import { describeModelStore } from './model-store.contract';

describeModelStore('a folder', () => {
  const temporary = createTemporaryFolder();
  const folder = path.join(temporary.path, 'models');
  const cacheFolder = path.join(temporary.path, 'cache');
  mkdirSync(folder);
  const put = (file: string, bytes: Buffer | string): void => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  };
  return {
    store: createDiskStore({ folder, cacheFolder, pollMs: 50, log: silentLog }),
    putModel: (file) => put(path.join(folder, file.name, 'model.json'), JSON.stringify(file)),
    putFiles(model, version, files) {
      for (const [name, bytes] of Object.entries(files)) put(path.join(folder, model, version, name), bytes);
    },
    removeFile: (model, version, name) => rmSync(path.join(folder, model, version, name)),
    removeVersion: (model, version) => rmSync(path.join(folder, model, version), { recursive: true }),
    [Symbol.dispose]: () => temporary[Symbol.dispose](),
  };
});
