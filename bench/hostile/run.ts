/** `npm run bench:hostile`: what clients that mean well wait while others attack, against what they wait otherwise. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CONNECTION_ATTACKS } from '../../test/hostile/connection-attacks';
import { REQUEST_ATTACKS } from '../../test/hostile/request-attacks';
import { spawnNode } from '../cores';
import type { LoadAnswer, LoadQuestion } from '../load-process';
import { describeMachine } from '../machine';
import { readPayloads } from '../payloads';
import { table } from '../report';
import { startServer } from '../servers';
import { median, type Latencies } from '../statistics';
import { startWorker, type Worker } from '../workers';
import type { WellBehavedQuestion } from './well-behaved-process';

/** How much slower one answer in a hundred may be. */
const LIMIT = 2;
/** Differences below this are those of any two runs. */
const LEAST_LIMIT_MS = 10;
/** Until the server's code is compiled as far as it will be: at the pace of the clients that would take minutes. */
const WARM_UP_MS = 10_000;
const WARM_UP_CONNECTIONS = 16;
/** Attacks between two looks at what is normal. */
const ATTACKS_PER_NORMAL = 4;

/** Of one attack, or of none. */
interface Measured {
  readonly what: string;
  /** Of each round. */
  readonly p99Ms: number[];
}

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      attack: { type: 'string', multiple: true },
      write: { type: 'boolean', default: false },
    },
  });
  const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
  if (!(seconds > 0 && rounds > 0))
    throw new Error('Usage: npm run bench:hostile -- [--seconds <n>] [--rounds <n>] [--attack <what>]… [--write]');
  const all = [...REQUEST_ATTACKS, ...CONNECTION_ATTACKS].map(({ what }) => what);
  const attacks = (values.attack ?? all).map((what): Measured => ({ what, p99Ms: [] }));
  const normal: Measured = { what: '', p99Ms: [] };
  const server = await startServer();
  const clients = startWorker<WellBehavedQuestion, Latencies>('hostile/well-behaved-process', 'generator');
  await warmUp(server.port);
  for (let round = 1; round <= rounds; round++)
    for (const [index, attack] of attacks.entries()) {
      const now = index % ATTACKS_PER_NORMAL === 0 ? [normal, attack] : [attack];
      for (const { what, p99Ms } of now) {
        p99Ms.push(await beside(clients, { port: server.port, what, seconds }));
        console.log(`${round}. ${what || 'none'}: p99 ${(p99Ms.at(-1) ?? NaN).toFixed(1)} ms`);
      }
    }
  clients.stop();
  await server.stop();
  const normalMs = median(normal.p99Ms);
  const limitMs = Math.max(LEAST_LIMIT_MS, LIMIT * normalMs);
  const missed = attacks.filter(({ p99Ms }) => median(p99Ms) > limitMs);
  const report = [
    '# Clients that mean well, while others attack',
    '',
    'Written by `npm run bench:hostile`; README.md beside it says what is measured.',
    '',
    ...describeMachine().map((line) => `- ${line}`),
    `- ${seconds} s each, in ${rounds} rounds; fraudScore, 4 connections that ask every 20 ms`,
    `- Normal, beside an attacker that idles: ${rangeOf(normal.p99Ms)}, the median ${normalMs.toFixed(1)} ms`,
    `- Limit: ${limitMs.toFixed(1)} ms, ${LIMIT} times that or ${LEAST_LIMIT_MS} ms; ${missed.length} of ${attacks.length} missed`,
    '',
    ...table(
      ['attack', 'p99 ms', 'of each round', ''],
      attacks.map((attack) => [
        attack.what,
        median(attack.p99Ms).toFixed(1),
        attack.p99Ms.map((ms) => ms.toFixed(1)).join(', '),
        missed.includes(attack) ? '**missed**' : 'holds',
      ]),
    ),
    '',
  ].join('\n');
  console.log(report);
  if (values.write || (!values.attack && seconds >= 3 && rounds >= 5))
    writeFileSync(path.join(__dirname, '..', 'results-hostile.md'), report);
  if (missed.length > 0) process.exitCode = 1;
}

async function warmUp(port: number): Promise<void> {
  const load = startWorker<LoadQuestion, LoadAnswer>('load-process', 'generator');
  const { query, variables } = readPayloads().fraudScore;
  const body = JSON.stringify({ query, variables });
  await load.ask({ port, body, concurrency: WARM_UP_CONNECTIONS, warmUpMs: 0, measureMs: WARM_UP_MS });
  load.stop();
}

interface Beside {
  readonly port: number;
  readonly what: string;
  readonly seconds: number;
}

/** What the p99 is beside an attacker; one of no attack idles. */
async function beside(
  clients: Worker<WellBehavedQuestion, Latencies>,
  { port, what, seconds }: Beside,
): Promise<number> {
  const args = ['-r', './bench/register.cjs', path.join(__dirname, 'attacker.ts'), `http://127.0.0.1:${port}`, what];
  const attacker = spawnNode(args, { on: 'generator', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(attacker, 'message');
  const { p99Ms } = await clients.ask({ port, seconds });
  const exit = once(attacker, 'exit');
  attacker.send('stop');
  await exit;
  return p99Ms;
}

function rangeOf(p99Ms: readonly number[]): string {
  return `${Math.min(...p99Ms).toFixed(1)} to ${Math.max(...p99Ms).toFixed(1)} ms`;
}
