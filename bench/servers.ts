import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { START_FLAGS } from '../test/support/start-flags';
import { ENGINES, spawnNode } from './cores';

export interface BenchServer {
  readonly port: number;
  readonly pid: number;
  ask(query: string): Promise<Record<string, unknown>>;
  /** Ends it gracefully. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Environment variables beside those every benchmark sets. */
  readonly settings?: Readonly<Record<string, string>>;
  /** File descriptor that its log goes to. Default: standard error of this process. */
  readonly log?: number;
}

/** `dist/main.js`, as users run it. */
export function startServer(nodeArgs: readonly string[] = [], options: StartOptions = {}): Promise<BenchServer> {
  return start([...nodeArgs, path.join('dist', 'main.js')], options);
}

/** The same server, answering by a constant. */
export function startConstantServer(): Promise<BenchServer> {
  return start(['-r', path.join(__dirname, 'register.cjs'), path.join(__dirname, 'constant-server.ts')]);
}

async function start(args: readonly string[], { settings = {}, log }: StartOptions = {}): Promise<BenchServer> {
  const port = await freePort();
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'predictql-bench-'));
  const child = spawnNode([...START_FLAGS, ...args], {
    on: 'measured',
    env: {
      PORT: String(port),
      PREDICTQL_DATA_DIR: dataFolder,
      PREDICTQL_ENGINES: String(ENGINES),
      PREDICTQL_LOG_LEVEL: 'error',
      ...settings,
    },
    stdio: ['ignore', 'pipe', log ?? 'inherit'],
  });
  const exit = once(child, 'exit');
  await Promise.race([
    untilReady(child.stdout as NodeJS.ReadableStream),
    exit.then(() => {
      throw new Error('The server ended before it was ready.');
    }),
  ]);
  return {
    port,
    pid: child.pid as number,
    async ask(query) {
      const body = JSON.stringify({ query });
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', body, headers });
      return ((await response.json()) as { data: Record<string, unknown> }).data;
    },
    async stop() {
      child.kill('SIGTERM');
      await exit;
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

async function untilReady(output: NodeJS.ReadableStream): Promise<void> {
  for await (const line of createInterface({ input: output })) if (line.includes('PredictQL is ready')) break;
  // Nobody reads on, and a full pipe would stop the server.
  output.resume();
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
