/**
 * Whether the server's event loop ever stops: its delay under full load of all tasks, beside that of a process that
 * does nothing, on the same cores at the same time. What the empty process shows is the machine's own share.
 */
import { parseArgs } from 'node:util';
import type { EventLoopAnswer, EventLoopQuestion } from './event-loop-process';
import type { LoadAnswer, LoadQuestion } from './load-process';
import { describeMachine } from './machine';
import { readPayloads, TASKS } from './payloads';
import { table } from './report';
import { startWorker } from './workers';

/** The server's p99 may be so much above that of the empty process. */
const LIMIT_MS = 20;
/** Of each task, at the same time. */
const CONCURRENCY = 16;
const WARM_UP_MS = 3_000;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
  const measureMs = Number(values.seconds) * 1_000;
  const start = (what: string) =>
    startWorker<EventLoopQuestion, EventLoopAnswer>('event-loop-process', 'measured', [what]);
  const processes = [start('server'), start('empty')] as const;
  const tell = (kind: EventLoopQuestion['kind']): Promise<EventLoopAnswer[]> =>
    Promise.all(processes.map((each) => each.ask({ kind })));

  const [server] = await tell('start');
  const port = server?.port ?? 0;
  const generators = TASKS.map(() => startWorker<LoadQuestion, LoadAnswer>('load-process', 'generator'));
  const payloads = readPayloads();
  const loads = Promise.all(
    generators.map((generator, index) => {
      const { query, variables } = payloads[TASKS[index] as (typeof TASKS)[number]];
      const body = JSON.stringify({ query, variables });
      return generator.ask({ port, body, concurrency: CONCURRENCY, warmUpMs: WARM_UP_MS, measureMs });
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  await tell('begin');
  const answers = await loads;
  const [busy, empty] = (await tell('end')) as [EventLoopAnswer, EventLoopAnswer];
  for (const each of [...processes, ...generators]) each.stop();

  const difference = busy.p99Ms - empty.p99Ms;
  const rates = answers.map(({ perSecond }, index) => `${TASKS[index] ?? ''} ${perSecond.toFixed(0)}`).join(', ');
  const rowOf = (name: string, { p50Ms, p99Ms, longestMs }: EventLoopAnswer): string[] => [
    name,
    ...[p50Ms, p99Ms, longestMs].map((value) => value.toFixed(1)),
  ];
  const lines = [
    ...describeMachine().map((line) => `- ${line}`),
    `- Command: \`node -r ./bench/register.cjs bench/event-loop.ts --seconds ${values.seconds}\``,
    `- Load: ${CONCURRENCY} requests of each task at a time; answered a second: ${rates}`,
    '',
    ...table(
      ['delay of the event loop', 'p50 ms', 'p99 ms', 'longest ms'],
      [rowOf('the server', busy), rowOf('an empty process', empty)],
    ),
    '',
    `The server's p99 is ${difference.toFixed(1)} ms above that of the empty process; at most ${LIMIT_MS} ms: ${difference <= LIMIT_MS ? 'holds' : '**missed**'}.`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (difference > LIMIT_MS) process.exitCode = 1;
}
