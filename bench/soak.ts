/** An hour at 70 % of what the server can answer: whether memory stays flat, and the last minutes are as fast as the first. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { LogFile } from './log-file';
import { describeMachine } from './machine';
import { TASKS, type TaskField } from './payloads';
import { table } from './report';
import { startServer, type BenchServer } from './servers';
import { sleepUntil } from './sleep-until';
import type { SoakAnswer, SoakQuestion } from './soak-process';
import { judgeSoak, type SoakSample } from './soak-report';
import { startWorker, type Worker } from './workers';

const USAGE = `Usage: npm run soak -- [options]
  --minutes <n>     how long (default: 60)
  --share <n>       of what the server can answer, from 0 to 1 (default: 0.7)
  --out <file>      where the results go, every minute (default: bench/results-soak.md for the whole hour, else nowhere)
  --strict          end with 1 when a threshold is missed
`;
/** Of each task, while it is measured how much the server can answer. */
const CONCURRENCY = 16;
const WARM_UP_MS = 5_000;
const CAPACITY_MS = 20_000;
const SCRAPE_MS = 5_000;
/** Scrapes that make a sample. */
const SCRAPES = 2;
/** As an operator runs it: with the log of requests and a log of predictions, which fills its file within the hour. */
const SETTINGS = {
  PREDICTQL_LOG_LEVEL: 'info',
  PREDICTQL_LOG_FORMAT: 'json',
  PREDICTQL_PREDICTION_LOG_SHARE: '0.1',
  PREDICTQL_PREDICTION_LOG_MAX_MB: '16',
};
/** How often the event loop is looked at; its delay counts that in. */
const LOOP_RESOLUTION_MS = 10;

async function main(): Promise<void> {
  const options = readOptions();
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const folder = mkdtempSync(path.join(tmpdir(), 'predictql-soak-'));
  const log = new LogFile(path.join(folder, 'server.log'));
  const server = await startServer([], { settings: SETTINGS, log: log.descriptor });
  const generator = startWorker<SoakQuestion, SoakAnswer>('soak-process', 'generator');
  const soak = new Soak(server, generator, log, options);
  try {
    await soak.run(stop.signal);
  } catch (error) {
    soak.stoppedBy = (error as Error).message;
  } finally {
    const { report, holds } = soak.write();
    process.stdout.write(report);
    if (options.isStrict && !holds) process.exitCode = 1;
    generator.stop();
    await server.stop();
    log.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Soak {
  private readonly samples: SoakSample[] = [];
  /** At the start: what is written every minute changes a file of the commit, which would no longer be as it was. */
  private readonly machine = describeMachine();
  private capacity: Record<TaskField, number> = { classifyImage: NaN, sentiment: NaN, fraudScore: NaN };
  /** Why it ended before its time. */
  stoppedBy: string | undefined;

  constructor(
    private readonly server: BenchServer,
    private readonly generator: Worker<SoakQuestion, SoakAnswer>,
    private readonly log: LogFile,
    private readonly options: ReturnType<typeof readOptions>,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const { port } = this.server;
    const closed = { kind: 'closed', port, concurrency: CONCURRENCY } as const;
    await this.generator.ask({ ...closed, measureMs: WARM_UP_MS });
    const { latencies } = await this.generator.ask({ ...closed, measureMs: CAPACITY_MS });
    this.capacity = ofTasks((task) => (1_000 * latencies[task].length) / CAPACITY_MS);
    const perSecond = ofTasks((task) => this.options.share * this.capacity[task]);
    await scrape(port);
    await this.generator.ask({ kind: 'begin', port, perSecond });
    await this.sample(performance.now(), signal);
  }

  private async sample(startedAt: number, signal: AbortSignal): Promise<void> {
    const total = Math.round((60_000 * this.options.minutes) / (SCRAPE_MS * SCRAPES));
    for (let count = 1; count <= total; count++) {
      const scrapes: Scrape[] = [];
      for (let each = 1; each <= SCRAPES; each++) {
        await sleepUntil(startedAt + ((count - 1) * SCRAPES + each) * SCRAPE_MS);
        scrapes.push(await scrape(this.server.port));
      }
      const isLast = count === total || signal.aborted;
      const answers = await this.generator.ask({ kind: isLast ? 'end' : 'take' });
      const minute = (performance.now() - startedAt) / 60_000;
      const loopP99Ms = Math.max(...scrapes.map((each) => each.loopP99Ms));
      this.samples.push({ ...(scrapes.at(-1) as Scrape), loopP99Ms, ...answers, minute });
      if (signal.aborted) throw new Error('a signal');
      if (Math.floor(minute) > Math.floor(this.samples.at(-2)?.minute ?? 0)) {
        this.write();
        process.stdout.write(`${minute.toFixed(0)} of ${this.options.minutes} minutes\n`);
      }
    }
  }

  /** Writes what was found so far, so that an end halfway loses nothing. */
  write(): { readonly report: string; readonly holds: boolean } {
    this.log.shorten();
    const { minutes, share, out, command } = this.options;
    const { verdicts, lines } = judgeSoak(this.samples);
    const ran = this.samples.at(-1)?.minute ?? 0;
    const rates = TASKS.map((task) => `${task} ${this.capacity[task].toFixed(0)}`).join(', ');
    const isWhole = ran >= minutes - 0.5 && this.stoppedBy === undefined;
    const reason = this.stoppedBy === undefined ? '' : `, by ${this.stoppedBy}`;
    const report = [
      '# Soak',
      '',
      isWhole
        ? `Ran for ${ran.toFixed(0)} minutes.`
        : `**Stopped after ${ran.toFixed(1)} of ${minutes} minutes${reason}.**`,
      '',
      ...this.machine.map((line) => `- ${line}`),
      `- Command: \`${command}\``,
      `- Capacity, all tasks at once with ${CONCURRENCY} connections each, answered a second: ${rates}`,
      `- Load: ${share} of it, at random moments; /metrics asked every ${SCRAPE_MS / 1_000} s`,
      `- Settings: ${settingsOf()}; log written: ${(this.log.bytes / 1e6).toFixed(0)} MB`,
      '',
      ...table(
        ['promise', 'found', 'limit', ''],
        verdicts.map(({ what, found, limit, holds }) => [what, found, limit, holds ? 'holds' : '**missed**']),
      ),
      '',
      ...lines,
      '',
    ].join('\n');
    if (out !== undefined) writeFileSync(out, report);
    return { report, holds: verdicts.every(({ holds }) => holds) };
  }
}

type Scrape = Pick<SoakSample, 'serverMb' | 'enginesMb' | 'heapMb' | 'loopP99Ms'>;

async function scrape(port: number): Promise<Scrape> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const text = await response.text();
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:{.*})? (\\S+)$`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return {
    serverMb: sum('process_resident_memory_bytes') / 1e6,
    enginesMb: sum('predictql_engine_resident_memory_bytes') / 1e6,
    heapMb: sum('nodejs_heap_size_used_bytes') / 1e6,
    loopP99Ms: Math.max(0, 1_000 * sum('nodejs_eventloop_lag_p99_seconds') - LOOP_RESOLUTION_MS),
  };
}

/** Those of the soak and those it was started with: whoever wants traces in it sets them. */
function settingsOf(): string {
  const given = Object.entries(process.env).filter(([name]) => /^(PREDICTQL|OTEL)_/.test(name));
  return [...given, ...Object.entries(SETTINGS)].map(([name, value]) => `${name}=${value ?? ''}`).join(' ');
}

function ofTasks(read: (task: TaskField) => number): Record<TaskField, number> {
  return {
    classifyImage: read('classifyImage'),
    sentiment: read('sentiment'),
    fraudScore: read('fraudScore'),
  };
}

function readOptions() {
  const args = process.argv.slice(2);
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '60' },
      share: { type: 'string', default: '0.7' },
      out: { type: 'string' },
      strict: { type: 'boolean', default: false },
    },
  });
  const [minutes, share] = [Number(values.minutes), Number(values.share)];
  if (!(minutes > 0) || !(share > 0 && share <= 1)) throw new Error(USAGE);
  return {
    minutes,
    share,
    out: values.out ?? (args.length === 0 ? 'bench/results-soak.md' : undefined),
    isStrict: values.strict,
    command: ['npm run soak', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  };
}

void main();
