/** Self time of one function, or of all functions of one package. */
export interface Cost {
  readonly name: string;
  readonly ms: number;
}

export interface FunctionCost extends Cost {
  /** Its package and file, with the line. */
  readonly where: string;
}

export interface ProfileSummary {
  readonly wallMs: number;
  /** Without idle time. */
  readonly busyMs: number;
  /** Most expensive first. */
  readonly packages: readonly Cost[];
  readonly functions: readonly FunctionCost[];
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly endTime: number;
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** Reads a V8 profile (`--cpu-prof`). Only its last `lastMs` before the load ended are counted. */
export function parseProfile(text: string, { lastMs }: { readonly lastMs: number }): ProfileSummary {
  const { nodes, samples, timeDeltas } = JSON.parse(text) as CpuProfile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const isBusy = (id: number): boolean => frames.get(id)?.functionName !== '(idle)';
  // After the load the server idles and stops: the last moment with work in it is the end of the load.
  const window = findWindow({ samples, timeDeltas, lastMs });
  const functions = new Map<string, { name: string; where: string; packageName: string; ms: number }>();
  let wallMs = 0;
  let busyMs = 0;
  for (let index = window.from; index < window.to; index++) {
    const id = samples[index] as number;
    const ms = (timeDeltas[index] ?? 0) / 1_000;
    wallMs += ms;
    const frame = frames.get(id);
    if (!frame || !isBusy(id)) continue;
    busyMs += ms;
    const packageName = packageOf(frame.functionName, frame.url);
    const where = frame.url ? `${packageName} ${fileOf(frame.url)}:${frame.lineNumber + 1}` : packageName;
    const name = frame.functionName || '(anonymous)';
    const known = functions.get(`${name} ${where}`) ?? { name, where, packageName, ms: 0 };
    functions.set(`${name} ${where}`, { ...known, ms: known.ms + ms });
  }
  const packages = new Map<string, number>();
  for (const { packageName, ms } of functions.values())
    packages.set(packageName, (packages.get(packageName) ?? 0) + ms);
  return {
    wallMs,
    busyMs,
    packages: [...packages].map(([name, ms]) => ({ name, ms })).sort(byCost),
    functions: [...functions.values()].sort(byCost),
  };
}

interface WindowRequest {
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  readonly lastMs: number;
}

/** The last samples that make up `lastMs`, counted back from a tenth of it before the end. */
function findWindow({ samples, timeDeltas, lastMs }: WindowRequest): { readonly from: number; readonly to: number } {
  const back = (from: number, ms: number): number => {
    let index = from;
    for (let left = ms * 1_000; index > 0 && left > 0; index--) left -= timeDeltas[index - 1] ?? 0;
    return index;
  };
  const to = back(samples.length, lastMs / 10);
  return { from: back(to, (lastMs * 8) / 10), to };
}

function byCost(a: Cost, b: Cost): number {
  return b.ms - a.ms;
}

function packageOf(functionName: string, url: string): string {
  if (/^\(.*\)$/.test(functionName)) return functionName;
  if (url.startsWith('node:')) return 'node';
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)(?!.*node_modules)/.exec(url)?.[1];
  if (dependency) return dependency;
  return url ? 'predictql' : 'native';
}

function fileOf(url: string): string {
  return url.replace(/^.*node_modules\/(?:@[^/]+\/)?[^/]+\//, '').replace(/^.*\/dist\//, '');
}
