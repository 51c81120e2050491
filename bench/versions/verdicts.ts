import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { describeMachine } from '../machine';
import type { Verdict } from '../thresholds';

/** What a scenario found: its verdicts, and figures that have no limit. */
export interface Findings {
  readonly verdicts: readonly Verdict[];
  readonly figures?: Readonly<Record<string, string>>;
}

/** Runs a scenario as a command: prints what it found, writes `results-<name>.md` unless `--dry`, ends with 1 where a promise is missed. */
export async function runAsCommand(name: string, scenario: () => Promise<Findings>): Promise<void> {
  const [loadBefore = 0] = loadavg();
  const { verdicts, figures = {} } = await scenario();
  const lines = [
    `# ${name}`,
    '',
    // These scenarios pin nothing: what they hold against a limit was measured within the same run.
    ...describeMachine()
      .filter((line) => !line.startsWith('Cores:'))
      .map((line) => `- ${line}`),
    `- Load of the machine before it began: ${loadBefore.toFixed(1)}${loadBefore > 1 ? ', so it was shared with other work' : ''}`,
    `- Command: \`npm run bench:versions -- ${name}\``,
    '',
    '| promise | found | limit | holds |',
    '|---|---|---|---|',
    ...verdicts.map(
      ({ what, found, limit, holds }) => `| ${what} | ${found} | ${limit} | ${holds ? 'yes' : '**no**'} |`,
    ),
    '',
    ...Object.entries(figures).map(([what, figure]) => `- ${what}: ${figure}`),
    '',
  ];
  process.stdout.write(lines.join('\n'));
  if (!process.argv.includes('--dry')) writeFileSync(path.join(__dirname, `results-${name}.md`), lines.join('\n'));
  if (verdicts.some(({ holds }) => !holds)) process.exitCode = 1;
}

/** A promise that something is at most so much. */
export function atMost(what: string, found: number, limit: number, unit: string): Verdict {
  const show = (value: number): string => `${Number.isInteger(value) ? value : value.toFixed(2)} ${unit}`.trim();
  return { what, found: show(found), limit: `at most ${show(limit)}`, holds: found <= limit };
}
