import { toError } from '../../errors';
import type { Logger } from '../../observability/logger';
import type { Tensors } from '../../tensor';
import { EngineLimitError, EngineLostError, type ModelKey } from '../engine';
import type { ModelAssignment } from './model-assignment';
import type { Place } from './place';
import type { GraphFile } from './protocol';
import { toWire } from './wire';

/** A model that takes its process down so often while it loads will do it again. */
const MAX_LOSSES_WHILE_LOADING = 2;

export interface PreparationOptions {
  readonly places: readonly Place[];
  /** What every process should hold. */
  readonly assignments: ReadonlyMap<ModelKey, ModelAssignment>;
  /** Milliseconds that loading a model, or its first run, may take. */
  readonly timeoutMs: number;
  /** Memory a process may hold meanwhile, everything in it counted. Bytes. */
  readonly maxResidentBytes: number;
  readonly log: Logger;
  /** The model cannot be loaded: no process is to hold it any longer. */
  readonly forget: (key: ModelKey, assignment: ModelAssignment) => void;
  /** The loading lane is free: whoever waited for it may take it. */
  readonly onLaneFree: () => void;
}

/**
 * Brings the processes of a pool nearer to what they should hold, by steps that each occupy one of them: unload, load,
 * warm. Only one serving process loads at a time: the others go on serving.
 */
export class Preparation {
  private readonly assignments: ReadonlyMap<ModelKey, ModelAssignment>;
  private loadingPlace: Place | undefined;

  constructor(private readonly options: PreparationOptions) {
    this.assignments = options.assignments;
  }

  /** The next step of an idle process; undefined where it holds what it should. */
  nextStep(place: Place): (() => Promise<void>) | undefined {
    for (const key of place.loaded) if (!this.assignments.has(key)) return () => this.unloadFrom(place, key);
    for (const [key, assignment] of this.assignments) {
      const { graph } = assignment;
      if (place.refused.has(key) || !graph) continue;
      if (!place.loaded.has(key)) {
        if (place.hasServed && this.loadingPlace) continue;
        return () => this.loadInto(place, key, assignment, graph.file);
      }
      if (assignment.warmUp && !place.warmed.has(key)) return () => this.warmIn(place, key, assignment);
    }
    return undefined;
  }

  /** Tells those who wait for a model once every process that is up has it. */
  settle(): void {
    const up = this.options.places.filter(({ state }) => state !== 'down');
    if (up.length === 0) return;
    for (const [key, assignment] of this.assignments) {
      if (up.every((place) => place.loaded.has(key) || place.refused.has(key))) assignment.becomeLoaded();
      if (up.every((place) => place.warmed.has(key) || place.refused.has(key))) assignment.becomeWarm();
    }
  }

  private get limits() {
    const { timeoutMs, maxResidentBytes } = this.options;
    return { timeoutMs, maxResidentBytes };
  }

  private async unloadFrom(place: Place, key: ModelKey): Promise<void> {
    try {
      await place.client.call({ kind: 'unload', key }, { expect: 'done', timeoutMs: this.options.timeoutMs });
    } catch (thrown) {
      // Whatever it was, the process is not to keep a model that nobody wants.
      if (!(thrown instanceof EngineLostError)) place.client.kill();
    } finally {
      place.loaded.delete(key);
      place.warmed.delete(key);
    }
  }

  private async loadInto(place: Place, key: ModelKey, assignment: ModelAssignment, graph: GraphFile): Promise<void> {
    const needsLane = place.hasServed;
    if (needsLane) this.loadingPlace = place;
    try {
      await place.client.call({ kind: 'load', key, graph }, { expect: 'loaded', ...this.limits });
      place.loaded.add(key);
      this.settle();
    } catch (thrown) {
      this.onLoadFailed(place, { key, assignment, error: toError(thrown) });
    } finally {
      if (needsLane) {
        this.loadingPlace = undefined;
        // Whoever waited for the lane takes it now.
        setImmediate(() => this.options.onLaneFree());
      }
    }
  }

  private onLoadFailed(
    place: Place,
    { key, assignment, error }: { readonly key: ModelKey; readonly assignment: ModelAssignment; readonly error: Error },
  ): void {
    const isLost = error instanceof EngineLostError;
    if (mayHaveBeenAnAccident(error) && ++assignment.losses < MAX_LOSSES_WHILE_LOADING) return;
    if (assignment.isLoaded) {
      // The others have it: this process serves what it can.
      if (!isLost) place.refused.add(key);
      this.options.log.error({ engine: place.number, model: key, error }, 'model not loaded by a replaced engine');
      return;
    }
    this.options.forget(key, assignment);
    assignment.fail(error);
  }

  private async warmIn(place: Place, key: ModelKey, assignment: ModelAssignment): Promise<void> {
    this.options.log.debug({ engine: place.number, model: key }, 'warming');
    try {
      await place.client.call(
        { kind: 'run', key, inputs: toWire(assignment.warmUp as Tensors) },
        { expect: 'ran', ...this.limits },
      );
      place.warmed.add(key);
      this.settle();
    } catch (thrown) {
      // A lost process is replaced and warmed anew; a model that fails its first run is not fit to serve.
      if (mayHaveBeenAnAccident(thrown) && ++assignment.losses < MAX_LOSSES_WHILE_LOADING) return;
      if (assignment.isWarm) {
        // The successor of a process that was killed has refused nothing yet.
        if (!mayHaveBeenAnAccident(thrown)) place.refused.add(key);
        return;
      }
      this.options.forget(key, assignment);
      assignment.failWarming(toError(thrown));
    }
  }
}

/** A lost process may have had other reasons than the model; one that was ended for the model's sake has not. */
function mayHaveBeenAnAccident(error: unknown): boolean {
  return error instanceof EngineLostError && !(error instanceof EngineLimitError);
}
