import type { Model } from './model';
import { describePhase, type ModelVersion } from './model-version';
import { versionsBelowLive } from './pointers';
import type { Cause } from './version-loader';

/** What a start does to the registry. */
export interface StartActions {
  /** Resolves with whether the version became ready. */
  load(version: ModelVersion, cause?: Cause): Promise<boolean>;
  /** Points to what was live before, without an event: nothing has changed. */
  setLive(model: Model, version: ModelVersion): void;
  promote(model: Model, version: ModelVersion, reason: string): void;
  rollBack(model: Model, version: ModelVersion, reason: string): void;
}

/** Brings all models to where they were: first every live version, so that all tasks answer soon, and then the others. */
export async function startModels(models: readonly Model[], actions: StartActions): Promise<void> {
  for (const model of models) await startLive(model, actions);
  for (const model of models) await startOthers(model, actions);
}

async function startLive(model: Model, actions: StartActions): Promise<void> {
  const name = model.pointers.live;
  if (name === undefined) {
    for (const version of model.newestFirst.slice(0, model.file.keepLoaded)) {
      if (!(await actions.load(version))) continue;
      actions.promote(model, version, 'The highest version at the first start.');
      return;
    }
    return;
  }
  const version = model.versions.get(name);
  if (version && (await actions.load(version))) actions.setLive(model, version);
  else await fallBack(model, version, actions);
}

/** What was live is not fit to serve any more: the one before it in the history takes over. */
async function fallBack(model: Model, failed: ModelVersion | undefined, actions: StartActions): Promise<void> {
  const why = failed
    ? `Version ${failed.version} ${describePhase(failed.state)}`
    : 'The live version is gone from the store.';
  for (const name of versionsBelowLive(model.pointers)) {
    const version = model.versions.get(name);
    if (!version || !(await actions.load(version))) continue;
    actions.rollBack(model, version, `At the start: ${why}`);
    return;
  }
}

async function startOthers(model: Model, actions: StartActions): Promise<void> {
  const { previous, pointers, file } = model;
  const wanted = [previous, ...model.newestFirst].filter((version) => version !== undefined);
  for (const version of new Set(wanted)) {
    const ready = [...model.versions.values()].filter(({ phase }) => phase === 'ready');
    if (ready.length >= file.keepLoaded) return;
    if (version.phase === 'unloaded' && !pointers.unloaded.includes(version.version)) await actions.load(version);
  }
}
