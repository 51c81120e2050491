/**
 * Measures the delay of its own event loop from `begin` to `end`: as the server, or as a process that does nothing.
 * Argument: `server` or `empty`.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type * as AppModule from '../src/app';
import type * as ConfigModule from '../src/config';
import type * as LoggerModule from '../src/observability/logger';
import { requireCompiled } from './compiled';
import { ENGINES } from './cores';
import { answerQuestions } from './workers';

export interface EventLoopQuestion {
  readonly kind: 'start' | 'begin' | 'end';
}

export interface EventLoopAnswer {
  /** Where the server listens; 0 for the process that does nothing. */
  readonly port: number;
  /** How much later than due the loop came round, in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** Milliseconds between two looks; the histogram counts them in, so they are taken off again. */
const RESOLUTION_MS = 10;
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let port = 0;

answerQuestions<EventLoopQuestion, EventLoopAnswer>(async ({ kind }) => {
  if (kind === 'start' && process.argv[2] === 'server') port = await startServer();
  if (kind === 'begin') histogram.enable();
  if (kind === 'end') histogram.disable();
  const delay = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const { max } = histogram;
  return {
    port,
    p50Ms: delay(histogram.percentile(50)),
    p99Ms: delay(histogram.percentile(99)),
    longestMs: delay(max),
  };
});

/** The whole server, in this process. */
async function startServer(): Promise<number> {
  const { createApp } = requireCompiled('app') as typeof AppModule;
  const { readConfig } = requireCompiled('config') as typeof ConfigModule;
  const { createLogger } = requireCompiled('observability/logger') as typeof LoggerModule;
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'predictql-bench-'));
  process.on('exit', () => rmSync(dataFolder, { recursive: true, force: true }));
  process.on('SIGTERM', () => process.exit());
  const settings = { PORT: '0', PREDICTQL_DATA_DIR: dataFolder, PREDICTQL_ENGINES: String(ENGINES) };
  const app = await createApp(readConfig(settings), createLogger('error'));
  return (await app.start()).port;
}
