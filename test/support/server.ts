import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { KeyFile, type KeyGrant } from '../../src/guards/key-file';
import { isAlive } from './processes';
import { START_FLAGS } from './start-flags';

export const ROOT = path.join(__dirname, '..', '..');
/** Far above what a start or a stop takes: only catches a hang. */
const LIMIT_MS = 45_000;

export interface ServerOptions {
  /** Settings beside a free port, by the names of their environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Modules that are loaded before it starts. */
  readonly preload?: readonly string[];
  /** Keys there are before it starts; `keys` of the server has them by name. */
  readonly keys?: readonly KeyOptions[];
  /** What becomes of its standard error: nobody reads it, its reader is gone, or a descriptor it goes to. Default: kept. */
  readonly errorOutput?: 'unread' | 'closed' | number;
}

export interface KeyOptions extends Partial<Omit<KeyGrant, 'name' | 'scopes'>> {
  readonly name: string;
  readonly scopes: readonly string[];
}

export interface LogEntry {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server in a process of its own, as its users meet it. */
export interface TestServer {
  readonly origin: string;
  readonly pid: number;
  /** Those it was started with, by name. */
  readonly keys: Readonly<Record<string, string>>;
  readonly dataFolder: string;
  /** What the command line does with its keys. */
  readonly changeKeys: <Result>(change: (file: KeyFile) => Result) => Result;
  /** What it wrote to standard output so far. */
  readonly output: () => string;
  /** What it wrote to standard error so far. */
  readonly errorOutput: () => string;
  readonly log: () => LogEntry[];
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly exit: Promise<Exit>;
  /** Ends it gracefully, and by force where that fails. */
  readonly stop: () => Promise<Exit>;
}

/** What cannot be seen from outside. */
export interface ServerFacts {
  readonly counters: {
    readonly enqueued: number;
    readonly answered: number;
    readonly failed: number;
    readonly abandoned: number;
    readonly left: number;
    readonly calls: number;
    readonly computedRows: number;
  };
  readonly queueLength: number;
  /** Places of the admission that are taken. */
  readonly admitted: number;
  readonly engines: readonly { readonly number: number; readonly pid?: number; readonly state: string }[];
}

export interface ObservedServer extends TestServer {
  readonly facts: () => Promise<ServerFacts>;
  /** `kill -9` of an engine process in the moment in which it runs a batch; its id. */
  readonly killBusyEngine: () => Promise<number>;
  readonly memory: () => Promise<ServerMemory>;
  /** Files of the packages that it has loaded, below `node_modules`. */
  readonly loadedPackages: () => Promise<readonly string[]>;
}

/** Megabytes of a server after a collection. */
export interface ServerMemory {
  readonly heapMb: number;
  /** Buffers outside the heap that belong to objects in it. */
  readonly externalMb: number;
  /** All of the process, free pages that it has not given back included. */
  readonly residentMb: number;
}

/** Starts `predictql` on a free port and resolves once it says that it is ready. */
export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const port = await freePort();
  const server = launch(['dist/main.js'], { ...options, port });
  await untilReady(server);
  return server;
}

/** Starts `predictql` without waiting for anything; for tests of the start itself. */
export async function launchServer(options: ServerOptions = {}, args: readonly string[] = []): Promise<TestServer> {
  return launch(['dist/main.js', ...args], { ...options, port: await freePort() });
}

/** The same with a line to what cannot be seen from outside. */
export async function startObservedServer(options: ServerOptions = {}): Promise<ObservedServer> {
  const port = await freePort();
  const server = launch(['--require', './test/support/observe.cjs', 'dist/main.js'], { ...options, port, ipc: true });
  const answers = new Map<number, (answer: unknown) => void>();
  let asked = 0;
  server.child.on('message', ({ id, answer }: { readonly id: number; readonly answer: unknown }) =>
    answers.get(id)?.(answer),
  );
  const ask = (what: string): Promise<unknown> =>
    new Promise((resolve) => {
      const id = asked++;
      answers.set(id, resolve);
      server.child.send({ id, ask: what });
    });
  await untilReady(server);
  return {
    ...server,
    facts: () => ask('facts') as Promise<ServerFacts>,
    killBusyEngine: () => ask('killBusyEngine') as Promise<number>,
    memory: () => ask('memory') as Promise<ServerMemory>,
    loadedPackages: () => ask('loadedPackages') as Promise<readonly string[]>,
  };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

interface LaunchOptions extends ServerOptions {
  readonly port: number;
  readonly ipc?: boolean;
}

function launch(args: readonly string[], options: LaunchOptions) {
  const { settings = {}, keys = [], preload = [], port, ipc = false, errorOutput: place } = options;
  // A data folder belongs to one server at a time.
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'predictql-data-'));
  const changeKeysHere = <Result>(change: (file: KeyFile) => Result): Result => changeKeys(dataFolder, change);
  const issued = keys.map((key) => [key.name, changeKeysHere((file) => createKey(file, key))]);
  const child = spawn(
    process.execPath,
    [...START_FLAGS, ...preload.flatMap((module) => ['--require', module]), ...args],
    {
      cwd: ROOT,
      env: { ...ownEnvironment(), PORT: String(port), PREDICTQL_DATA_DIR: dataFolder, ...settings },
      stdio: ['ignore', 'pipe', typeof place === 'number' ? place : 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    },
  );
  const output = collect(child.stdout!);
  if (place === 'closed') child.stderr!.destroy();
  const errorOutput = place === undefined ? collect(child.stderr!) : () => '';
  const exit = once(child, 'exit').then(([code, signal]): Exit => {
    rmSync(dataFolder, { recursive: true, force: true });
    return { code: code as Exit['code'], signal: signal as Exit['signal'] };
  });
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
  return {
    child,
    origin: `http://127.0.0.1:${port}`,
    pid: child.pid!,
    keys: Object.fromEntries(issued) as Record<string, string>,
    dataFolder,
    changeKeys: changeKeysHere,
    output,
    errorOutput,
    log: () => parseLog(errorOutput()),
    kill,
    exit,
    stop: () => stop(child, exit),
  };
}

/** What `predictql keys` does, without a process for it. */
export function changeKeys<Result>(dataFolder: string, change: (file: KeyFile) => Result): Result {
  const file = KeyFile.open(dataFolder);
  try {
    return change(file);
  } finally {
    file.close();
  }
}

/** The key itself. */
export function createKey(file: KeyFile, { limits = {}, priority = 'interactive', ...key }: KeyOptions): string {
  return file.create({ ...key, limits, priority }).key;
}

/** The settings of whoever runs the tests are not those of the tests. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PREDICTQL_|OTEL_|HOST$)/.test(name)));
}

async function stop(child: ChildProcess, exit: Promise<Exit>): Promise<Exit> {
  if (isAlive(child.pid!)) child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  try {
    return await exit;
  } finally {
    clearTimeout(force);
  }
}

async function untilReady(server: TestServer & { readonly child: ChildProcess }): Promise<void> {
  const lines = createInterface({ input: server.child.stdout! });
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes('PredictQL is ready')) resolve();
    });
  });
  await Promise.race([ready, failOnExit(server)]);
}

async function failOnExit({ exit, errorOutput }: Pick<TestServer, 'exit' | 'errorOutput'>): Promise<never> {
  const { code, signal } = await exit;
  throw new Error(`The server ended with ${signal ?? `code ${code ?? '?'}`}.\n${errorOutput()}`);
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}

function parseLog(text: string): LogEntry[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogEntry);
}
