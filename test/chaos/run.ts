/** `npm run chaos -- --minutes 10`: a server under load, disturbed in every way that is known. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeMachine } from '../../bench/machine';
import { table } from '../../bench/report';
import { runChaos } from './chaos';

const WHOLE_MINUTES = 10;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: String(WHOLE_MINUTES) }, seed: { type: 'string', default: '1' } },
  });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0) || !Number.isInteger(seed))
    throw new Error('Usage: npm run chaos -- [--minutes <n>] [--seed <n>]');
  const result = await runChaos({
    seed,
    seconds: minutes * 60,
    onTurn: (turn, name) => console.log(`${turn}: ${name}`),
  });
  const { answers, wrong, codes, uncoded, events, lost, doubled, disturbances, refusals, failed, skipped, ailments } =
    result;
  const promises: readonly (readonly [what: string, faults: readonly string[] | number])[] = [
    ['wrong answers', wrong],
    ['events lost', lost],
    ['events doubled', doubled],
    ['failures without a code', uncoded],
    ['disturbances not taken as they should be', failed],
    ['ailments afterwards', ailments],
  ];
  const count = (faults: readonly string[] | number): number => (typeof faults === 'number' ? faults : faults.length);
  const report = [
    '# Chaos',
    '',
    `Written by \`npm run chaos -- --minutes ${minutes} --seed ${seed}\`; test/chaos/README.md says what is done.`,
    '',
    ...describeMachine()
      .filter((line) => !line.startsWith('Cores:'))
      .map((line) => `- ${line}`),
    `- ${answers} answers, ${events} events, each to every subscriber`,
    ...(skipped === undefined ? [] : [`- The disk was not filled: ${skipped}`]),
    '',
    ...table(
      ['promise', 'found'],
      promises.map(([what, faults]) => [what, String(count(faults))]),
    ),
    '',
    ...promises.flatMap(([, faults]) =>
      typeof faults === 'number' ? [] : faults.slice(0, 20).map((fault) => `- ${fault}`),
    ),
    ...table(
      ['what failed', 'code', 'times'],
      [
        ...[...codes].map(([code, times]) => ['predictions', code, String(times)]),
        ...[...refusals].map(([code, times]) => ['changes of versions', code, String(times)]),
      ],
    ),
    '',
    ...table(
      ['disturbance', 'times'],
      [...disturbances].map(([name, times]) => [name, String(times)]),
    ),
    '',
  ].join('\n');
  console.log(report);
  if (minutes >= WHOLE_MINUTES) writeFileSync('bench/results-chaos.md', report);
  if (promises.some(([, faults]) => count(faults) > 0)) process.exitCode = 1;
}
