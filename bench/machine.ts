import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import path from 'node:path';
import { ROOT } from './compiled';
import { CORES, ENGINES } from './cores';

/** What a reader must know to judge or repeat figures: machine, versions, placement. */
export function describeMachine(): string[] {
  const cores = CORES
    ? `server and ${ENGINES} engine process(es) on core(s) ${CORES.measured}, load generator on core ${CORES.generator}`
    : 'not pinned: the load generator takes part of what is measured';
  return [
    `Machine: ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    `Cores: ${cores}`,
    `Versions: PredictQL ${commit()}, Node ${process.versions.node}, onnxruntime-node ${versionOf('onnxruntime-node')}, sharp ${versionOf('sharp')}`,
    `Date: ${new Date().toISOString().slice(0, 10)}`,
  ];
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' }).trim();
  } catch {
    // A copy without its history.
    return 'of an unknown commit';
  }
}

function versionOf(name: string): string {
  const file = path.join(ROOT, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
