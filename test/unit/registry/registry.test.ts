import type { AppError, ErrorCode } from '../../../src/errors';
import { endOfTurn } from '../../support/deferred';
import { BY_HAND, RegistryBench } from '../../support/registry-bench';

let bench: RegistryBench;
beforeEach(() => {
  bench = new RegistryBench();
  bench.store.putModel('m');
});
afterEach(async () => {
  await bench.stop();
  bench[Symbol.dispose]();
});

const put = (...versions: readonly string[]): void => versions.forEach((version) => bench.store.put('m', version));
const promote = (version: string) => bench.registry.promote({ model: 'm', version }, BY_HAND);
const load = (version: string) => bench.registry.load({ model: 'm', version }, BY_HAND);
const unload = (version: string) => bench.registry.unload({ model: 'm', version }, BY_HAND);
const rollBack = () => bench.registry.rollBack('m', BY_HAND);
const refused = (code: ErrorCode, text: RegExp) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(text) as string,
  } satisfies Partial<AppError>) as Error;

describe('the first start', () => {
  it('makes the highest version live and tells each step', async () => {
    put('1', '2', '10');
    await bench.start();
    expect(bench.live()).toBe('10');
    expect(bench.told().filter((event) => event.endsWith(' 10'))).toEqual(
      ['discovered', 'verifying', 'loading', 'warming', 'ready', 'promoted'].map((kind) => `${kind} 10`),
    );
  });

  it('passes over versions that fail', async () => {
    put('1');
    bench.store.put('m', '2', 'golden');
    await bench.start();
    expect(bench.live()).toBe('1');
    expect(bench.phases()).toEqual({ '1': 'ready', '2': 'failed' });
  });

  it('loads no more versions than keepLoaded says', async () => {
    put('1', '2', '3', '4', '5');
    await bench.start();
    expect(bench.phases()).toEqual({ '5': 'ready', '4': 'ready', '3': 'ready', '2': 'unloaded', '1': 'unloaded' });
  });
});

describe('a restart', () => {
  beforeEach(async () => {
    put('1', '2', '3');
    await bench.start();
    promote('1');
    promote('2');
  });

  it('finds live, previous and unloaded as they were, and promotes nothing', async () => {
    unload('3');
    await bench.settle();
    const { head } = bench.log.current;
    await bench.restart();
    expect([bench.live(), bench.previous()]).toEqual(['2', '1']);
    expect(bench.phases()).toEqual({ '3': 'unloaded', '2': 'ready', '1': 'ready' });
    expect(bench.told(head).filter((event) => /promoted|rolled_back|discovered/.test(event))).toEqual([]);
  });

  it('falls back through the history where the live version fails its gates, and says so', async () => {
    bench.store.put('m', '2', 'golden');
    bench.store.put('m', '1', 'verifying');
    const { head } = bench.log.current;
    await bench.restart();
    expect(bench.live()).toBe('3');
    const event = bench.log.events.findLast(({ kind }) => kind === 'rolled_back');
    expect(event).toMatchObject({ version: '3', previousVersion: '2', actor: undefined });
    expect(event?.sequence).toBeGreaterThan(head);
    expect(event?.reason).toMatch(/^At the start: Version 2 failed while warming: Golden example/);
  });

  it('falls back where the live folder is gone, and tells that it is', async () => {
    await bench.stop();
    bench.store.remove('m', '2');
    bench.log.reopen();
    await bench.start();
    expect(bench.live()).toBe('1');
    expect(bench.told()).toContain('removed 2');
  });

  it('leaves nothing live where nothing is sound, until it is mended', async () => {
    for (const version of ['1', '2', '3']) bench.store.put('m', version, 'loading');
    await bench.restart();
    expect(bench.live()).toBeUndefined();
    expect(bench.registry.obstacles).toEqual([
      'classify-image: there is no model for it.',
      'sentiment: there is no model for it.',
      'fraud-score: its model has no live version.',
    ]);
    put('2');
    await bench.settle();
    expect(bench.live()).toBe('2');
    expect(bench.registry.obstacles.join()).not.toContain('fraud-score');
  });
});

describe('a version that appears', () => {
  beforeEach(async () => {
    put('1');
    await bench.start();
  });

  it('becomes ready and waits to be promoted', async () => {
    put('2');
    await bench.settle();
    expect([bench.live(), bench.phases()['2']]).toEqual(['1', 'ready']);
  });

  it.each([
    ['verifying', 'CHECKSUM_MISMATCH'],
    ['loading', 'LOAD_FAILED'],
    ['warming', 'WARM_UP_FAILED'],
    ['golden', 'GOLDEN_MISMATCH'],
  ] as const)('and does not pass the gate of %s fails with its reason, and live stays live', async (defect, code) => {
    bench.store.put('m', '2', defect);
    await bench.settle();
    const state = bench.registry.findModel('m')?.versions.get('2')?.state;
    expect(state).toMatchObject({ phase: 'failed', during: defect === 'golden' ? 'warming' : defect, error: { code } });
    expect(bench.live()).toBe('1');
    expect(bench.log.events.at(-1)).toMatchObject({
      kind: 'failed',
      version: '2',
      reason: expect.any(String) as string,
    });
    // The mended one is taken up by itself.
    put('2');
    await bench.settle();
    expect(bench.phases()['2']).toBe('ready');
  });

  it('among a hundred at once is loaded in its turn, and the surplus is unloaded', async () => {
    put(...Array.from({ length: 100 }, (_, index) => String(index + 2)));
    await bench.settle();
    const ready = Object.entries(bench.phases()).filter(([, phase]) => phase === 'ready');
    expect(ready.map(([version]) => version).sort()).toEqual(['1', '100', '101']);
    expect(bench.told().filter((event) => event.startsWith('ready'))).toHaveLength(101);
  });

  it('goes while it is loaded for the first time: nothing of it stays', async () => {
    put('2');
    await bench.registry.rescan();
    expect(bench.phases()['2']).toBe('verifying');
    bench.store.remove('m', '2');
    await bench.settle();
    await endOfTurn();
    expect(bench.phases()).toEqual({ '1': 'ready' });
    expect(bench.told().slice(-1)).toEqual(['removed 2']);
    expect(bench.engine.canServe('m/2#1')).toBe(false);
  });

  it('stays unloaded where a person unloaded that number, and is loaded anew once it was gone', async () => {
    put('2');
    await bench.settle();
    unload('2');
    await bench.settle();
    put('2');
    await bench.settle();
    expect(bench.phases()['2']).toBe('unloaded');
    bench.store.remove('m', '2');
    await bench.settle();
    put('2');
    await bench.settle();
    expect(bench.phases()['2']).toBe('ready');
  });
});

describe('files under a loaded version', () => {
  beforeEach(async () => {
    put('1');
    await bench.start();
  });

  it('that change are refused, once, and it serves on', async () => {
    put('1');
    await bench.settle();
    await bench.settle();
    const refusals = bench.log.events.filter(({ kind }) => kind === 'failed');
    expect(refusals).toMatchObject([
      { version: '1', reason: expect.stringMatching(/^Its files were changed.*new version number/) as string },
    ]);
    expect([bench.live(), bench.phases()['1']]).toEqual(['1', 'ready']);
  });

  it('that break are told of, and it serves on', async () => {
    bench.store.put('m', '1', 'verifying');
    await bench.settle();
    expect(bench.log.events.at(-1)).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/broken.*sha256/) as string,
    });
    expect(bench.live()).toBe('1');
  });

  it('that go are told of, it serves on from memory, and is forgotten when it is unloaded', async () => {
    put('2');
    await bench.settle();
    bench.store.remove('m', '1');
    await bench.settle();
    expect(bench.log.events.at(-1)).toMatchObject({
      kind: 'removed',
      version: '1',
      reason: expect.stringMatching(/serves on from memory/) as string,
    });
    expect(bench.live()).toBe('1');
    using lease = bench.registry.select({ task: 'fraud-score' }).lease;
    expect(lease.version.version).toBe('1');
    promote('2');
    lease[Symbol.dispose]();
    unload('1');
    await bench.settle();
    expect(bench.phases()).toEqual({ '2': 'ready' });
  });
});

describe('a newer load of the same version', () => {
  it('supersedes the older: one of them becomes ready, once', async () => {
    put('1', '2');
    await bench.start();
    unload('1');
    await bench.settle();
    const { head } = bench.log.current;
    load('1');
    await endOfTurn();
    load('1');
    load('1');
    await bench.settle();
    const told = bench.told(head);
    expect(told.filter((event) => event === 'ready 1')).toHaveLength(1);
    expect(told.filter((event) => event.startsWith('failed'))).toEqual([]);
    const { key } = bench.registry.findModel('m')!.versions.get('1')!;
    expect(bench.engine.canServe(key)).toBe(true);
  });
});

describe('unloading', () => {
  it('drains: whoever holds a lease is served to the end, and nobody new is let in', async () => {
    put('1', '2');
    await bench.start();
    const { lease } = bench.registry.select({ task: 'fraud-score', version: { version: '1' } });
    const { key } = lease.version;
    unload('1');
    await endOfTurn();
    expect(bench.phases()['1']).toBe('draining');
    expect(bench.engine.canServe(key)).toBe(true);
    expect(() => bench.registry.select({ task: 'fraud-score', version: { version: '1' } })).toThrow(
      refused('MODEL_NOT_READY', /being unloaded/),
    );
    lease[Symbol.dispose]();
    await bench.settle();
    expect(bench.phases()['1']).toBe('unloaded');
    expect(bench.engine.canServe(key)).toBe(false);
  });
});

describe('automatic promotion', () => {
  beforeEach(async () => {
    bench.store.putModel('m', { promotion: 'automatic', keepLoaded: 10 });
    put('1');
    await bench.start();
  });

  it('lets what is newer go live, not what is older, nor what fails', async () => {
    put('3', '2');
    await bench.settle();
    bench.store.put('m', '4', 'golden');
    await bench.settle();
    expect(bench.live()).toBe('3');
    expect(bench.log.events.filter(({ kind }) => kind === 'promoted')).toMatchObject([
      { version: '1' },
      { version: '3', actor: undefined },
    ]);
  });

  it('rests after a rollback, over a restart too, until a person promotes', async () => {
    put('2');
    await bench.settle();
    rollBack();
    put('3');
    await bench.settle();
    expect(bench.live()).toBe('1');
    await bench.restart();
    expect(bench.live()).toBe('1');
    promote('3');
    put('4');
    await bench.settle();
    expect(bench.live()).toBe('4');
  });

  it('leaves alone what a person passed over', async () => {
    put('2');
    await bench.settle();
    promote('1');
    await bench.restart();
    expect(bench.live()).toBe('1');
  });

  it('takes up what came while no server ran', async () => {
    put('2');
    await bench.restart();
    expect(bench.live()).toBe('2');
  });
});

describe('a change that the state does not allow', () => {
  beforeEach(async () => {
    put('1', '2');
    bench.store.put('m', '3', 'golden');
    await bench.start();
  });

  it.each<[string, () => unknown, ErrorCode, RegExp]>([
    ['promoting what is live', () => promote('2'), 'CONFLICT', /Version 2 of "m" is live already/],
    [
      'promoting what failed',
      () => promote('3'),
      'CONFLICT',
      /cannot be promoted.*failed while warming.*Golden example/,
    ],
    ['rolling back without a past', () => rollBack(), 'CONFLICT', /no earlier version.*Promote one instead/],
    ['loading what is ready', () => load('1'), 'CONFLICT', /is ready/],
    ['unloading what is live', () => unload('2'), 'CONFLICT', /is live. Promote another version first/],
    ['unloading what failed', () => unload('3'), 'CONFLICT', /failed while/],
    ['a model there is none of', () => bench.registry.rollBack('x', BY_HAND), 'MODEL_NOT_FOUND', /There is "m"/],
    ['a version there is none of', () => promote('7'), 'VERSION_NOT_FOUND', /no version 7. Ready: 2, 1/],
  ])('%s is refused with the state and the cure', (_what, act, code, text) => {
    const before = bench.log.current.head;
    expect(act).toThrow(refused(code, text));
    expect(bench.log.current.head).toBe(before);
  });

  it('rolling back to what is not ready says its phase', async () => {
    promote('1');
    unload('2');
    await bench.settle();
    expect(() => rollBack()).toThrow(
      refused('CONFLICT', /Version 2 of "m" would be next, but it is not loaded. Load it first/),
    );
  });
});

describe('a full disk', () => {
  beforeEach(async () => {
    put('1', '2');
    await bench.start();
    bench.log.isFull = true;
  });
  afterEach(() => {
    bench.log.isFull = false;
  });

  it.each([
    ['promotion', () => promote('1')],
    ['load', () => load('1')],
    ['unload', () => unload('1')],
  ])('refuses a %s and leaves everything as it was', async (what, act) => {
    if (what === 'load') {
      bench.log.isFull = false;
      unload('1');
      await bench.settle();
      bench.log.isFull = true;
    }
    const before = { phases: bench.phases(), live: bench.live(), pointers: bench.registry.findModel('m')?.pointers };
    expect(act).toThrow(refused('INTERNAL_SERVER_ERROR', /nothing was changed/));
    expect({ phases: bench.phases(), live: bench.live(), pointers: bench.registry.findModel('m')?.pointers }).toEqual(
      before,
    );
  });

  it('does not keep a new version from being loaded; its events come when there is room', async () => {
    put('3');
    await bench.settle();
    expect(bench.phases()['3']).toBe('ready');
    bench.log.isFull = false;
    promote('3');
    expect(bench.told().slice(-6)).toEqual(
      ['discovered', 'verifying', 'loading', 'warming', 'ready', 'promoted'].map((kind) => `${kind} 3`),
    );
  });
});
