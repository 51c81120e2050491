/** `npm run bench`: see README.md. */
import { writeFileSync } from 'node:fs';
import { mediansOf, type Measurement } from './measurements';
import { readOptions } from './options';
import { readPayloads } from './payloads';
import { describe, renderReport } from './report';
import { measureRounds } from './rounds';
import { checkThresholds } from './thresholds';

void main();

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const options = readOptions(args);
  const measurements: Measurement[] = [];
  await measureRounds(readPayloads(), options, (measurement, round) => {
    measurements.push(measurement);
    console.log(`round ${round}: ${describe(measurement)}`);
  });
  const medians = mediansOf(measurements);
  const verdicts = checkThresholds(medians);
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const report = renderReport({ measurements: medians, verdicts, options, command });
  if (options.output) writeFileSync(options.output, report);
  console.log(report);
  if (options.isStrict && verdicts.some(({ holds }) => !holds)) process.exitCode = 1;
}
