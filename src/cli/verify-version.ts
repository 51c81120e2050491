import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createEngine } from '../app';
import type { Config } from '../config';
import { EventFeed } from '../events/event-feed';
import { EventLog } from '../events/event-log';
import type { Logger } from '../observability/logger';
import { createVersionPreparation } from '../prediction/golden-gate';
import { createDiskStore } from '../registry/disk-store';
import { ModelVersion } from '../registry/model-version';
import { VersionLoader } from '../registry/version-loader';
import { createTasks } from '../tasks';

/** A version in a models folder. */
export interface VersionPlace {
  readonly modelsDir: string;
  readonly model: string;
  readonly version: string;
}

export interface Verification {
  readonly isSound: boolean;
  /** For a person: how the golden examples came out, or which gate it did not pass and why. */
  readonly text: string;
}

/** `<models>/<model>/<version>`, given as that path, or as the names of model and version within the models folder. */
export function locateVersion(folderOrModel: string, version: string | undefined, modelsDir: string): VersionPlace {
  if (version !== undefined) return { modelsDir, model: folderOrModel, version };
  const folder = path.resolve(folderOrModel);
  const modelFolder = path.dirname(folder);
  return { modelsDir: path.dirname(modelFolder), model: path.basename(modelFolder), version: path.basename(folder) };
}

/**
 * Takes a version through the very gates that a server takes it through, with an engine process and a data folder of
 * its own, so that it can be told before it is dropped in whether it will be ready.
 */
export async function verifyVersion(place: VersionPlace, config: Config, log: Logger): Promise<Verification> {
  const { modelsDir, model, version: name } = place;
  const folder = await mkdtemp(path.join(tmpdir(), 'predictql-verify-'));
  const feed = new EventFeed({ log: EventLog.open(folder), appLog: log });
  const engine = createEngine(config, log, { folder: path.join(folder, 'optimized-graphs'), processes: 1 });
  try {
    const store = createDiskStore({ folder: modelsDir, cacheFolder: path.join(folder, 'graphs'), pollMs: 1_000, log });
    const { models, unreadable } = await store.list();
    const file = models.find((each) => each.file.name === model)?.file;
    if (!file) return { isSound: false, text: describeMissingModel(place, unreadable.includes(model)) };
    const tasks = createTasks({ maxImagePixels: config.maxImagePixels, maxImageBytes: config.maxBodyBytes });
    const prepare = createVersionPreparation({ tasks: tasks.list, engine });
    const loader = new VersionLoader({ store, engine, prepare, feed, log, taskOf: () => file.task });
    const version = new ModelVersion(model, name);
    await loader.load(version);
    return describe(version);
  } finally {
    await engine.close();
    feed.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function describe(version: ModelVersion): Verification {
  const { state } = version;
  const title = `Version ${version.version} of ${version.modelName}`;
  if (state.phase === 'ready') {
    const { passed, examples, worstDifference, tolerance } = state.servable.golden;
    const golden = `${passed} of ${examples} golden examples, largest difference ${worstDifference}, tolerance ${tolerance}`;
    return { isSound: true, text: `${title} is sound: ${golden}.` };
  }
  if (state.phase !== 'failed') return { isSound: false, text: `${title} is ${state.phase}.` };
  return {
    isSound: false,
    text: `${title} failed while ${state.during} (${state.error.code}): ${state.error.message}`,
  };
}

function describeMissingModel({ modelsDir, model }: VersionPlace, isUnreadable: boolean): string {
  const file = path.join(modelsDir, model, 'model.json');
  return isUnreadable
    ? `${file} cannot be read; the log says why.`
    : `There is no model "${model}": ${file} is missing.`;
}
