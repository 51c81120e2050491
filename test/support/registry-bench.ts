import { EventFeed } from '../../src/events/event-feed';
import type { Phase } from '../../src/registry/model-version';
import { Registry } from '../../src/registry/registry';
import type { Tensors } from '../../src/tensor';
import { VersionError } from '../../src/registry/version-error';
import type { PrepareVersion } from '../../src/registry/version-loader';
import { endOfTurn } from './deferred';
import { TestLog } from './event-log';
import { fakeEngine, type FakeEngine } from './fake-engine';
import { doubling } from './fake-models';
import { MemoryStore } from './memory-store';
import { silentLog } from './silent-log';
import { floats } from './tensors';

/** Every gate but the golden one is passed or failed by what the memory store says. */
const prepare: PrepareVersion = (stored) =>
  Promise.resolve({
    assets: `assets of ${stored.manifest.version}`,
    labels: undefined,
    warmUp: { x: floats([1, 2], 1, 2) },
    async checkGolden() {
      await endOfTurn();
      if (stored.examples[0]?.note === 'golden')
        throw new VersionError('GOLDEN_MISMATCH', 'Golden example "golden" is not reproduced.');
      return { examples: 1, passed: 1, worstDifference: 0, tolerance: 0.001, at: new Date(0) };
    },
  });

const { signature } = doubling;
const MODELS = {
  sound: {
    signature: { inputs: signature.inputs, outputs: signature.outputs },
    run: (inputs: Tensors) => doubling.run(inputs),
  },
  warming: {
    signature,
    run() {
      throw new Error('The first run failed.');
    },
  },
};

/** A registry on a memory store, a fake engine and a real event log; `restart` is what a server's does to it. */
export class RegistryBench implements Disposable {
  readonly store = new MemoryStore();
  readonly log = new TestLog();
  engine!: FakeEngine;
  feed!: EventFeed;
  registry!: Registry;

  async start(): Promise<void> {
    this.engine = fakeEngine({ models: MODELS });
    this.feed = new EventFeed({ log: this.log.current, appLog: silentLog, retryMs: 1 });
    const { store, engine, feed } = this;
    this.registry = new Registry({ store, engine, feed, prepare, log: silentLog, stillMs: 0 });
    await this.registry.start();
    await this.settle();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.log.reopen();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.registry.stop();
    await this.engine.close();
    this.feed.close();
  }

  /** Tells the registry of the store, and waits until nothing is under way any more. */
  async settle(): Promise<void> {
    await this.registry.rescan();
    const isMoving = (): boolean =>
      this.registry.models.some((model) => [...model.versions.values()].some(({ phase }) => MOVING.includes(phase)));
    do {
      for (let turn = 0; turn < 3; turn++) await endOfTurn();
    } while (isMoving());
  }

  /** Phases by version, of one model. */
  phases(model = 'm'): Record<string, Phase> {
    const versions = this.registry.findModel(model)?.newestFirst ?? [];
    return Object.fromEntries(versions.map(({ version, phase }) => [version, phase]));
  }

  live(model = 'm'): string | undefined {
    return this.registry.findModel(model)?.live?.version;
  }

  previous(model = 'm'): string | undefined {
    return this.registry.findModel(model)?.previous?.version;
  }

  /** What happened to a model since an event, as `kind version`. */
  told(after = 0, model = 'm'): string[] {
    return this.log.current.read({ after, model, limit: 100_000 }).map(({ kind, version }) => `${kind} ${version}`);
  }

  [Symbol.dispose](): void {
    this.log[Symbol.dispose]();
  }
}

const MOVING: readonly Phase[] = ['verifying', 'loading', 'warming', 'draining'];

/** Who acts in tests. */
export const BY_HAND = { actor: 'local' };
