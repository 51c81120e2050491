import { spawnSync } from 'node:child_process';

/** Prometheus' own checker, of the Debian package `prometheus`. */
export const HAS_PROMTOOL = spawnSync('promtool', ['--version']).status === 0;

/** Runs it with the given input; its complaints are an Error. */
export function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}

/** Where it is not there the test says so; in continuous integration it must be. */
export const itWithPromtool = HAS_PROMTOOL || process.env['CI'] !== undefined ? it : it.skip;
