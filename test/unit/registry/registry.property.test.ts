import fc from 'fast-check';
import { EngineLostError } from '../../../src/engines/engine';
import { AppError } from '../../../src/errors';
import type { EventKind, LoggedEvent } from '../../../src/events/model-version-event';
import type { Model } from '../../../src/registry/model';
import type { VersionLease } from '../../../src/registry/model-version';
import { endOfTurn } from '../../support/deferred';
import type { Defect } from '../../support/memory-store';
import { BY_HAND, RegistryBench } from '../../support/registry-bench';
import { replayPointers } from '../../support/replay';

/** More for a longer look: each is up to 50 commands. */
/** Fixed, so that a change is judged by what it did; set another to look for more. */
const SEED = Number(process.env['PROPERTY_SEED'] ?? 20_261_123);
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 40);
const MODELS = ['auto', 'hand'] as const;
const VERSIONS = ['1', '2', '10'] as const;

interface OnVersion {
  readonly model: string;
  readonly version: string;
}
type Command =
  | ({ readonly do: 'promote' | 'load' | 'unload' | 'remove' | 'lease' } & OnVersion)
  | ({ readonly do: 'put'; readonly defect: Defect } & OnVersion)
  | { readonly do: 'rollBack'; readonly model: string }
  | {
      readonly do:
        | 'fillDisk'
        | 'freeDisk'
        | 'loseEngines'
        | 'mendEngines'
        | 'restart'
        | 'kill'
        | 'settle'
        | 'endOfTurn'
        | 'releaseLeases';
    };

const onVersion = { model: fc.constantFrom(...MODELS), version: fc.constantFrom(...VERSIONS) };
const defect = fc.constantFrom<Defect>(
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  'verifying',
  'loading',
  'warming',
  'golden',
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('promote', 'promote', 'load', 'unload'), ...onVersion }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('put'), defect, ...onVersion }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('remove', 'lease'), ...onVersion }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rollBack'), model: onVersion.model }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('settle', 'settle', 'endOfTurn', 'releaseLeases') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('restart', 'kill', 'fillDisk', 'freeDisk', 'loseEngines', 'mendEngines'),
    }),
  },
);

/** Runs commands one after the other, without waiting for what they started unless told to. */
class Runner {
  private leases: VersionLease[] = [];
  private areEnginesLost = false;

  constructor(private readonly bench: RegistryBench) {}

  async run(step: Command): Promise<void> {
    const { bench } = this;
    const { registry, store, log } = bench;
    switch (step.do) {
      case 'promote': {
        const found = registry.findModel(step.model);
        const version = found?.versions.get(step.version);
        const isAllowed = version?.phase === 'ready' && found?.live !== version && !log.isFull;
        this.expectOutcome(isAllowed, () => registry.promote(step, BY_HAND));
        if (isAllowed) expect(registry.findModel(step.model)?.live).toBe(version);
        return;
      }
      case 'rollBack': {
        const previous = registry.findModel(step.model)?.previous;
        const isAllowed = previous?.phase === 'ready' && !log.isFull;
        const rolledBackFrom = registry.findModel(step.model)?.pointers.rolledBackFrom ?? [];
        this.expectOutcome(isAllowed, () => registry.rollBack(step.model, BY_HAND));
        if (isAllowed) {
          expect(registry.findModel(step.model)?.live).toBe(previous);
          expect(rolledBackFrom).not.toContain(previous.version);
        }
        return;
      }
      case 'load': {
        const version = registry.findModel(step.model)?.versions.get(step.version);
        const isAllowed = version?.isLoaded === false && version.isStored && !log.isFull;
        this.expectOutcome(isAllowed, () => registry.load(step, BY_HAND));
        if (isAllowed) expect(version.phase).toBe('verifying');
        return;
      }
      case 'unload': {
        const found = registry.findModel(step.model);
        const version = found?.versions.get(step.version);
        const isAllowed = version?.phase === 'ready' && found?.live !== version && !log.isFull;
        this.expectOutcome(isAllowed, () => registry.unload(step, BY_HAND));
        if (isAllowed) expect(version.phase).toBe('draining');
        return;
      }
      case 'lease': {
        const version = registry.findModel(step.model)?.versions.get(step.version);
        if (version?.phase === 'ready') this.leases.push(version.lease());
        return;
      }
      case 'releaseLeases': {
        this.releaseLeases();
        return;
      }
      case 'put':
        store.put(step.model, step.version, step.defect);
        return registry.rescan();
      case 'remove':
        store.remove(step.model, step.version);
        return registry.rescan();
      case 'fillDisk':
        log.isFull = true;
        return;
      case 'freeDisk':
        log.isFull = false;
        return;
      case 'loseEngines':
      case 'mendEngines':
        this.areEnginesLost = step.do === 'loseEngines';
        {
          this.breakEngines();
          return;
        }
      case 'restart':
        log.isFull = false;
        this.releaseLeases();
        await bench.restart();
        {
          this.breakEngines();
          return;
        }
      case 'kill':
        // What was not written down is lost with the process, and so is what it was doing.
        log.isFull = true;
        await bench.stop();
        log.isFull = false;
        this.leases = [];
        log.reopen();
        await bench.start();
        {
          this.breakEngines();
          return;
        }
      case 'settle':
        this.releaseLeases();
        return bench.settle();
      case 'endOfTurn':
        return endOfTurn();
    }
  }

  private expectOutcome(isAllowed: boolean | undefined, act: () => unknown): void {
    if (isAllowed) act();
    else expect(act).toThrow(AppError);
  }

  private releaseLeases(): void {
    for (const lease of this.leases.splice(0)) lease[Symbol.dispose]();
  }

  /** An engine keeps its sound method beneath the broken one, which hides it. */
  private breakEngines(): void {
    const { engine } = this.bench;
    const sound = this.soundLoads.get(engine) ?? engine.load.bind(engine);
    this.soundLoads.set(engine, sound);
    engine.load = this.areEnginesLost
      ? () => Promise.reject(new EngineLostError('The engine process ended with SIGKILL.'))
      : sound;
  }

  private readonly soundLoads = new Map<RegistryBench['engine'], RegistryBench['engine']['load']>();
}

const PHASE_KINDS: readonly EventKind[] = [
  'verifying',
  'loading',
  'warming',
  'ready',
  'draining',
  'unloaded',
  'failed',
];

/** The phase a version has by the events since the start. What leaves the store is unloaded, unless it is in memory. */
function phaseByLog(events: readonly LoggedEvent[], version: string): EventKind {
  return events
    .filter((event) => event.version === version)
    .reduce<EventKind>((phase, { kind, reason }) => {
      if (kind === 'removed') return phase === 'ready' || phase === 'draining' ? phase : 'unloaded';
      // The refusal of other files under a loaded version leaves it as it is.
      if (kind === 'failed' && reason?.startsWith('Its files')) return phase;
      return PHASE_KINDS.includes(kind) ? kind : phase;
    }, 'unloaded');
}

function checkModel(bench: RegistryBench, model: Model, startedAt: number): void {
  const { live, pointers, versions } = model;
  for (const { phase, key } of versions.values()) if (phase === 'ready') expect(bench.engine.canServe(key)).toBe(true);
  if (live) {
    expect(live.phase).toBe('ready');
    expect(versions.get(live.version)).toBe(live);
    expect(pointers.live).toBe(live.version);
  }
  expect(pointers.history.at(-1)).toBe(pointers.live);
  expect(pointers.rolledBackFrom).not.toContain(pointers.live);
  // Facts whose events could not be written yet are ahead of the log.
  if (bench.feed.waiting > 0) return;
  const events = bench.log.current.read({ model: model.name, limit: 100_000 });
  expect(replayPointers(events)).toEqual(pointers);
  expect(bench.log.current.readStates().get(model.name) ?? pointers).toEqual(JSON.parse(JSON.stringify(pointers)));
  const since = events.filter(({ sequence }) => sequence > startedAt);
  for (const { version, phase } of versions.values()) expect(phaseByLog(since, version)).toBe(phase);
}

it('keeps its promises whatever is done to it, in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 50, size: 'max' }), async (commands) => {
      using bench = new RegistryBench();
      bench.store.putModel('auto', { promotion: 'automatic', keepLoaded: 2 });
      bench.store.putModel('hand', { keepLoaded: 2 });
      for (const model of MODELS) for (const version of ['1', '2']) bench.store.put(model, version);
      await bench.start();
      const runner = new Runner(bench);
      let startedAt = 0;
      for (const step of commands) {
        const { head } = bench.log.current;
        await runner.run(step);
        if (step.do === 'restart' || step.do === 'kill') startedAt = head;
        for (const model of bench.registry.models) checkModel(bench, model, startedAt);
      }
      await runner.run({ do: 'freeDisk' });
      await runner.run({ do: 'settle' });
      for (const model of bench.registry.models) checkModel(bench, model, startedAt);
      const before = bench.registry.models.map(({ name, pointers }) => [name, pointers.history, pointers.unloaded]);
      const events = bench.log.events;
      await bench.restart();
      // A restart loses no event, and forgets nothing that was remembered where all can still be loaded.
      expect(bench.log.events.slice(0, events.length)).toEqual(events);
      for (const model of bench.registry.models) {
        const [, history, unloaded] = before.find(([name]) => name === model.name) ?? [];
        // Where another version had to take over, that one is loaded, whoever unloaded it before.
        if (model.live?.version !== (history as string[]).at(-1)) continue;
        expect(model.pointers.unloaded).toEqual(unloaded);
        expect(model.pointers.history).toEqual(history);
      }
      await bench.stop();
    }),
    { numRuns: RUNS, seed: SEED },
  );
}, 300_000);
