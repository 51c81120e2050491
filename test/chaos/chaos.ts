import { setTimeout as pause } from 'node:timers/promises';
import { Draw } from '../fuzz/draw';
import { enginesOf } from '../support/processes';
import { until } from '../support/until';
import { DISTURBANCES } from './disturbances';
import { Load, type LoadResult } from './load';
import { Watchers, type WatchedEvents } from './watchers';
import { createWorld, ENGINES, VERSIONS, type World } from './world';

export interface ChaosOptions {
  readonly seed: number;
  /** For so long, and at least until each disturbance came once. */
  readonly seconds: number;
  /** Milliseconds between two disturbances, at most. */
  readonly pauseMs?: number;
  /** Told of each disturbance before it begins. */
  readonly onTurn?: (turn: number, name: string) => void;
}

export interface ChaosResult extends LoadResult, WatchedEvents {
  /** How often each disturbance came. */
  readonly disturbances: ReadonlyMap<string, number>;
  /** How often changes of versions were refused, by code. */
  readonly refusals: ReadonlyMap<string, number>;
  /** Disturbances that the server did not take as it should. */
  readonly failed: readonly string[];
  /** What was left out, and why. */
  readonly skipped: string | undefined;
  /** What is not as it was before, once all is quiet; empty: the server is well. */
  readonly ailments: readonly string[];
}

const DEFAULT_PAUSE_MS = 1_500;
const WATCHERS = 6;
const NAMES = Object.keys(DISTURBANCES);

/** What happens in a turn: the same for the same seed, however long the turns before took. */
export function drawTurn(seed: number, turn: number): { readonly name: string; readonly draw: Draw } {
  const draw = new Draw(Math.imul(seed, 0x9e3779b1) ^ Math.imul(turn + 1, 0x85ebca6b));
  const drawn = draw.pick(NAMES);
  // Each once, and then as it comes.
  return { name: NAMES[turn] ?? drawn, draw };
}

/** Disturbs a server under load in every way that is known, in an order drawn from the seed. Throws if that ends it. */
export async function runChaos({ seed, seconds, pauseMs = DEFAULT_PAUSE_MS, onTurn }: ChaosOptions) {
  const world = await createWorld();
  const watchers = new Watchers(world, WATCHERS);
  const load = new Load(world);
  const disturbances = new Map<string, number>();
  const refusals = new Map<string, number>();
  const onRefused = (code: string): void => void refusals.set(code, (refusals.get(code) ?? 0) + 1);
  const failed: string[] = [];
  let result: Omit<ChaosResult, 'ailments'>;
  const ailments: string[] = [];
  const ended = new AbortController();
  void world.server.exit.then(() => ended.abort());
  try {
    await load.start(VERSIONS);
    await watchers.begin();
    const end = performance.now() + seconds * 1_000;
    for (let turn = 0; performance.now() < end || turn < NAMES.length; turn++) {
      const { name, draw } = drawTurn(seed, turn);
      onTurn?.(turn, name);
      disturbances.set(name, (disturbances.get(name) ?? 0) + 1);
      await DISTURBANCES[name]!({ world, watchers, draw, turn, onRefused }).catch((error: unknown) =>
        failed.push(`turn ${turn}, ${name}: ${(error as Error).message}`),
      );
      await pause(draw.int(0, pauseMs));
      if (ended.signal.aborted)
        throw new Error(`The server ended in turn ${turn}, ${name}:\n${world.server.errorOutput().slice(-2_000)}`);
    }
    const loaded = await load.stop();
    result = { ...loaded, ...(await watchers.check()), disturbances, refusals, failed, skipped: world.noSmallDisk };
    ailments.push(...(await findAilments(world)));
  } finally {
    load.end();
    const { code, signal } = await world.close();
    if (code !== 0) ailments.push(`it ended with ${signal ?? `code ${code}`}`);
  }
  return { ...result, ailments } satisfies ChaosResult;
}

/** What is not as it was before the first disturbance. */
async function findAilments({ server }: World): Promise<string[]> {
  const waits: readonly (readonly [what: string, () => boolean | Promise<boolean>])[] = [
    ['all engine processes are back', () => enginesOf(server.pid).length === ENGINES],
    ['it says that it is ready', async () => (await fetch(`${server.origin}/readyz`)).status === 200],
    [
      'nothing is under way',
      async () => {
        const { admitted, queueLength } = await server.facts();
        return admitted === 0 && queueLength === 0;
      },
    ],
  ];
  const ailments: string[] = [];
  for (const [what, condition] of waits)
    await until(what, condition, 60_000).catch((error: unknown) => ailments.push((error as Error).message));
  return ailments;
}
