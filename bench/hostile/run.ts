/** `npm run bench:hostile`: what clients that mean well wait while others attack, against what they wait otherwise. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CONNECTION_ATTACKS } from '../../test/hostile/connection-attacks';
import { REQUEST_ATTACKS } from '../../test/hostile/request-attacks';
import { spawnNode } from '../cores';
import { describeMachine } from '../machine';
import { table } from '../report';
import { startServer, type BenchServer } from '../servers';
import { median, summarize } from '../statistics';
import { measureWellBehaved } from './well-behaved';

/** How much slower one answer in a hundred may be. */
const LIMIT = 2;
/** Differences below this are those of any two runs. */
const LEAST_LIMIT_MS = 10;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3' },
      attack: { type: 'string', multiple: true },
      write: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error('Usage: npm run bench:hostile -- [--seconds <n>] [--attack <what>]… [--write]');
  const all = [...REQUEST_ATTACKS, ...CONNECTION_ATTACKS].map(({ what }) => what);
  const attacks = values.attack ?? all;
  const server = await startServer();
  await measureWellBehaved(server.port, 2);
  const rows: { readonly what: string; readonly normalMs: number; readonly attackedMs: number }[] = [];
  for (const what of attacks) {
    const normalMs = await beside(server, '', seconds);
    const attackedMs = await beside(server, what, seconds);
    rows.push({ what, normalMs, attackedMs });
    console.log(`${what}: p99 ${normalMs.toFixed(1)} ms, under attack ${attackedMs.toFixed(1)} ms`);
  }
  await server.stop();
  // One normal for all: that of a single run is as uncertain as what it is compared with.
  const limitMs = Math.max(LEAST_LIMIT_MS, LIMIT * median(rows.map(({ normalMs }) => normalMs)));
  const missed = rows.filter(({ attackedMs }) => attackedMs > limitMs);
  const report = [
    '# Clients that mean well, while others attack',
    '',
    'Written by `npm run bench:hostile`; README.md beside it says what is measured.',
    '',
    ...describeMachine().map((line) => `- ${line}`),
    `- ${seconds} s each, right after ${seconds} s beside an attacker that idles; fraudScore, 4 connections that ask every 20 ms`,
    `- Limit: ${limitMs.toFixed(1)} ms, ${LIMIT} times the median of what is normal; ${missed.length} of ${rows.length} missed`,
    '',
    ...table(
      ['attack', 'normal p99 ms', 'p99 ms', ''],
      rows.map((row) => [
        row.what,
        row.normalMs.toFixed(1),
        row.attackedMs.toFixed(1),
        missed.includes(row) ? '**missed**' : 'holds',
      ]),
    ),
    '',
  ].join('\n');
  console.log(report);
  if (values.write || (attacks === all && seconds >= 3))
    writeFileSync(path.join(__dirname, '..', 'results-hostile.md'), report);
  if (missed.length > 0) process.exitCode = 1;
}

/** What the p99 is beside an attacker; one of no attack idles. */
async function beside(server: BenchServer, what: string, seconds: number): Promise<number> {
  const args = [
    '-r',
    './bench/register.cjs',
    path.join(__dirname, 'attacker.ts'),
    `http://127.0.0.1:${server.port}`,
    what,
  ];
  const attacker = spawnNode(args, { on: 'generator', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(attacker, 'message');
  const { p99Ms } = summarize(await measureWellBehaved(server.port, seconds));
  const exit = once(attacker, 'exit');
  attacker.send('stop');
  await exit;
  return p99Ms;
}
