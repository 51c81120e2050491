import { parseProfile } from '../../../bench/cpu-profile';

const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });

/** A profile of one sample a millisecond. */
function profileOf(frames: readonly ReturnType<typeof frame>[], samples: readonly number[]): string {
  const nodes = frames.map((callFrame, index) => ({ id: index, callFrame }));
  return JSON.stringify({ nodes, samples, timeDeltas: samples.map(() => 1_000), endTime: 0 });
}

const FRAMES = [
  frame('(idle)'),
  frame('parse', 'file:///x/node_modules/graphql/language/parser.js', 9),
  frame('visit', 'file:///x/node_modules/graphql/language/visitor.js', 1),
  frame('', 'file:///x/dist/tensor.js', 4),
  frame('(garbage collector)'),
  frame('emit', 'node:events', 1),
  frame('assign', 'file:///x/node_modules/a/node_modules/@b/c/index.js', 0),
];
const repeat = (pattern: readonly number[], times: number): number[] =>
  Array.from({ length: times }, () => pattern).flat();

describe('parseProfile', () => {
  it('adds up self time by package and by function, most expensive first, without idle time', () => {
    const samples = repeat([0, 1, 1, 2, 3, 0, 4, 5, 6, 1], 20);
    const { wallMs, busyMs, packages, functions } = parseProfile(profileOf(FRAMES, samples), { lastMs: 100 });
    expect([wallMs, busyMs]).toEqual([80, 64]);
    expect(packages).toEqual([
      { name: 'graphql', ms: 32 },
      ...['predictql', '(garbage collector)', 'node', '@b/c'].map((name) => ({ name, ms: 8 })),
    ]);
    expect(functions[0]).toMatchObject({ name: 'parse', where: 'graphql language/parser.js:10', ms: 24 });
    expect(functions).toContainEqual(expect.objectContaining({ name: '(anonymous)', where: 'predictql tensor.js:5' }));
  });

  it('leaves out the start, and the last moments in which the load ends', () => {
    const samples = [...repeat([4], 500), ...repeat([1], 80), ...repeat([0], 10)];
    const { packages } = parseProfile(profileOf(FRAMES, samples), { lastMs: 100 });
    expect(packages).toEqual([{ name: 'graphql', ms: 80 }]);
  });
});
