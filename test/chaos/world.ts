import { cpSync } from 'node:fs';
import path from 'node:path';
import { changeKeys, createKey, ROOT, startObservedServer, type Exit, type ObservedServer } from '../support/server';
import { mountSmallDisk, unmountSmallDisk } from '../support/small-disk';
import { changeManifest, MODEL, VersionFolders } from '../support/version-folders';

/** A server with everything that is going to be disturbed. */
export interface World {
  readonly server: ObservedServer;
  readonly folders: VersionFolders;
  /** Of the one key that is never revoked. */
  readonly headers: Readonly<Record<string, string>>;
  /** Why the disk cannot be filled; undefined: it can. */
  readonly noSmallDisk: string | undefined;
  readonly close: () => Promise<Exit>;
}

/** Small enough to be filled in a moment, large enough for the graphs of all versions. */
const DISK = '192m';
export const ENGINES = 2;
/** Versions of the fraud detector there are from the start. The first is another graph than all others. */
export const VERSIONS = ['1', '2', '3'] as const;

/** All shipped models, with the fraud detector in three versions, on a disk of their own where that can be had. */
export async function createWorld(): Promise<World> {
  const folders = new VersionFolders(['2', '3'], { promotion: 'manual' });
  folders.add('1', (folder) => {
    cpSync(path.join(ROOT, 'models', MODEL, '1'), folder, { recursive: true });
    changeManifest(folder, (manifest) => ({ ...manifest, version: '1' }));
  });
  for (const name of ['image-classifier', 'sentiment-analyzer']) folders.addShipped(name);
  const noSmallDisk = mountSmallDisk(folders.data, DISK);
  const leave = (): void => {
    if (noSmallDisk === undefined) unmountSmallDisk(folders.data);
    folders[Symbol.dispose]();
  };
  try {
    const key = changeKeys(folders.data, (file) => createKey(file, { name: 'chaos', scopes: ['*'] }));
    const server = await startObservedServer({
      settings: {
        PREDICTQL_MODELS_DIR: folders.models,
        PREDICTQL_DATA_DIR: folders.data,
        PREDICTQL_ENGINES: String(ENGINES),
        PREDICTQL_POLL_MS: '500',
        PREDICTQL_ENGINE_RUN_TIMEOUT_MS: '2000',
        // A process that is stopped for good while it loads a version holds that version up for so long.
        PREDICTQL_ENGINE_LOAD_TIMEOUT_MS: '10000',
        PREDICTQL_LOG_LEVEL: 'error',
      },
    });
    const close = async (): Promise<Exit> => {
      const exit = await server.stop();
      leave();
      return exit;
    };
    return { server, folders, headers: { 'x-api-key': key }, noSmallDisk, close };
  } catch (error) {
    leave();
    throw error;
  }
}

export const FRAUD_MODEL = MODEL;
