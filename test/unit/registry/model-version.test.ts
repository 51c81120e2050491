import { AppError } from '../../../src/errors';
import {
  describePhase,
  ModelVersion,
  PHASES,
  type Phase,
  type VersionState,
} from '../../../src/registry/model-version';
import { VersionError } from '../../../src/registry/version-error';
import { endOfTurn } from '../../support/deferred';
import { createManifest, createReadyVersion } from '../../support/ready-version';

const servable = {
  manifest: createManifest(),
  assets: undefined,
  loadedAt: new Date(0),
  golden: { examples: 1, passed: 1, worstDifference: 0, tolerance: 0.001, at: new Date(0) },
};

const STATES: Readonly<Record<Phase, VersionState>> = {
  verifying: { phase: 'verifying' },
  loading: { phase: 'loading' },
  warming: { phase: 'warming' },
  ready: { phase: 'ready', servable },
  draining: { phase: 'draining', servable },
  unloaded: { phase: 'unloaded' },
  failed: {
    phase: 'failed',
    during: 'loading',
    error: new VersionError('LOAD_FAILED', 'The graph is broken.'),
    at: new Date(0),
  },
};

/** How to get to each phase from the start, which is unloaded. */
const WAY: Readonly<Record<Phase, readonly Phase[]>> = {
  unloaded: [],
  verifying: ['verifying'],
  loading: ['verifying', 'loading'],
  warming: ['verifying', 'loading', 'warming'],
  ready: ['verifying', 'loading', 'warming', 'ready'],
  draining: ['verifying', 'loading', 'warming', 'ready', 'draining'],
  failed: ['verifying', 'failed'],
};

/** All that is allowed: a version goes forward gate by gate, or fails, or is given up, or begins anew. */
const LEGAL: readonly (readonly [Phase, Phase])[] = [
  ['unloaded', 'verifying'],
  ['failed', 'verifying'],
  ['verifying', 'loading'],
  ['loading', 'warming'],
  ['warming', 'ready'],
  ['ready', 'draining'],
  ['draining', 'unloaded'],
  ...(['verifying', 'loading', 'warming'] as const).flatMap((from) =>
    (['failed', 'unloaded', 'verifying'] as const).map((to) => [from, to] as const),
  ),
];

function versionIn(phase: Phase): ModelVersion {
  const version = new ModelVersion('m', '1');
  for (const step of WAY[phase]) version.move(STATES[step]);
  return version;
}

const PAIRS = PHASES.flatMap((from) => PHASES.map((to) => [from, to] as const));
const isLegal = (from: Phase, to: Phase): boolean => LEGAL.some(([a, b]) => a === from && b === to);

describe('the phases of a version', () => {
  it.each(PAIRS.filter(([from, to]) => isLegal(from, to)))('allow going from %s to %s', (from, to) => {
    const version = versionIn(from);
    expect(version.canMove(to)).toBe(true);
    version.move(STATES[to]);
    expect(version.state).toBe(STATES[to]);
    expect(version.phase).toBe(to);
  });

  it.each(PAIRS.filter(([from, to]) => !isLegal(from, to)))('forbid going from %s to %s', (from, to) => {
    const version = versionIn(from);
    const { state } = version;
    expect(version.canMove(to)).toBe(false);
    expect(() => version.move(STATES[to])).toThrow(`cannot go from ${from} to ${to}`);
    expect(version.state).toBe(state);
  });

  it.each(PHASES)('tell what keeps a version from answering: %s', (phase) => {
    const version = versionIn(phase);
    expect(`The version ${describePhase(version.state)}`).toMatch(/^The version (is|failed) .*\.$/);
  });

  it('give each load a name of its own within the engine', () => {
    const version = versionIn('ready');
    const { key } = version;
    for (const step of ['draining', 'unloaded', 'verifying'] as const) version.move(STATES[step]);
    expect(version.key).not.toBe(key);
  });
});

describe('a lease', () => {
  it.each(PHASES.filter((phase) => phase !== 'ready'))('is not given while the version is %s', (phase) => {
    let thrown: unknown;
    try {
      versionIn(phase).lease();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({
      code: 'MODEL_NOT_READY',
      message: expect.stringContaining('Version 1 of "m"') as string,
    });
  });

  it('names the version and what it answers with', () => {
    const version = versionIn('ready');
    expect(version.lease()).toMatchObject({ version, servable });
  });

  it('keeps a draining version, with what it answers with, until the last is given back', async () => {
    const version = createReadyVersion();
    const leases = [version.lease(), version.lease()];
    version.move(STATES.draining);
    const progress = { isDrained: false };
    void version.drained().then(() => {
      progress.isDrained = true;
    });
    leases[0]![Symbol.dispose]();
    leases[0]![Symbol.dispose]();
    await endOfTurn();
    expect(progress.isDrained).toBe(false);
    expect(version.servable).toBeDefined();
    leases[1]![Symbol.dispose]();
    await endOfTurn();
    expect(progress.isDrained).toBe(true);
  });

  it('is waited for by nobody where there is none', async () => {
    await expect(versionIn('ready').drained()).resolves.toBeUndefined();
  });
});
