import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ask, dataOf } from './graphql';
import { freePort, ROOT, type Exit } from './server';
import { START_FLAGS } from './start-flags';
import { until } from './until';
import { MODEL, type VersionFolders } from './version-folders';
import { LIST_VERSIONS, type VersionAnswer, type VersionsOfModel } from './version-operations';

/** The user without rights, where tests run as root; others have no more rights than that anyway. */
export const NOBODY = process.getuid?.() === 0 ? 65_534 : undefined;

export interface VersionServerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly port?: number;
  /** What Node runs; default: the server's own program. */
  readonly command?: readonly string[];
}

/** A server on folders that outlive it, so that it can be stopped, killed and started again. */
export class VersionServer {
  private child: ReturnType<typeof spawn> | undefined;
  private exited: Promise<Exit> | undefined;
  private errors = '';
  port = 0;

  constructor(
    private readonly folders: VersionFolders,
    private readonly options: VersionServerOptions = {},
  ) {}

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.child!.pid!;
  }

  get errorOutput(): string {
    return this.errors;
  }

  /** Resolves once it says that it is ready; fails with what it wrote where it ends instead. */
  async start(): Promise<this> {
    await this.launch();
    let output = '';
    const ready = new Promise<void>((resolve) =>
      this.child!.stdout!.on('data', (text: Buffer) => {
        output += text.toString();
        if (output.includes('PredictQL is ready')) resolve();
      }),
    );
    const failed = this.exited!.then(({ code, signal }) => {
      throw new Error(`The server ended with ${signal ?? `code ${code}`}.\n${this.errors}`);
    });
    await Promise.race([ready, failed]);
    failed.catch(() => undefined);
    return this;
  }

  /** Starts it without waiting for anything; `ended` tells what it ends with. */
  async launch(): Promise<void> {
    this.port = this.options.port ?? (this.port || (await freePort()));
    this.errors = '';
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PREDICTQL_')));
    this.child = spawn(process.execPath, [...(this.options.command ?? [...START_FLAGS, 'dist/main.js'])], {
      cwd: ROOT,
      env: {
        ...own,
        PORT: String(this.port),
        PREDICTQL_MODELS_DIR: this.folders.models,
        PREDICTQL_DATA_DIR: this.folders.data,
        PREDICTQL_ENGINES: '1',
        ...this.options.settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(NOBODY !== undefined && { uid: NOBODY, gid: NOBODY }),
    });
    this.child.stderr!.on('data', (text: Buffer) => (this.errors += text.toString()));
    this.exited = once(this.child, 'exit').then(([code, signal]) => ({ code, signal }));
  }

  get ended(): Promise<Exit> {
    return this.exited!;
  }

  /** Ends it gracefully, or with any other signal; resolves when it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit | undefined> {
    if (this.child?.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.exited;
  }

  async model(): Promise<VersionsOfModel> {
    const { models } = dataOf(await ask(this, LIST_VERSIONS));
    return models.find(({ name }) => name === MODEL)!;
  }

  async find(version: string): Promise<VersionAnswer | undefined> {
    return (await this.model()).versions.find((each) => each.version === version);
  }

  /** Waits until a version is in a phase; undefined: until there is none. */
  async untilPhase(version: string, phase: string | undefined): Promise<void> {
    await until(`version ${version} is ${phase}`, async () => (await this.find(version))?.phase === phase, 60_000);
  }
}
