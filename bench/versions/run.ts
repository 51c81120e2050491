/** All scenarios, or those that are named, one after the other. What each takes and writes stands in the README. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const SCENARIOS = ['promotions', 'large-version', 'subscribers', 'resumed-subscribers', 'reloads'] as const;

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith('--'));
const named = args.filter((arg) => !arg.startsWith('--'));
const unknown = named.filter((name) => !(SCENARIOS as readonly string[]).includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no scenario "${unknown.join('", "')}". There are ${SCENARIOS.join(', ')}.\n`);
  process.exit(2);
}
const register = path.join(__dirname, '../register.cjs');
for (const name of named.length > 0 ? named : SCENARIOS) {
  const { status } = spawnSync(process.execPath, ['-r', register, path.join(__dirname, `${name}.ts`), ...options], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
