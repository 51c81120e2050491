import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { toError } from '../../errors';
import type { LoggedPrediction } from './prediction-row';

const FORMAT = 1;
/** Milliseconds to wait for somebody else who writes. */
const BUSY_MS = 2_000;
/** Dropped at a time. */
const ROWS_AT_ONCE = 1_000;
/** Read at a time: so few that they are young when they are done with, and collected at once. */
const PAGE_ROWS = 100;
/** Room made before a batch is written: twice what one can take. */
const RESERVED_BYTES = 4 * 2 ** 20;
const WAL_BYTES = 8 * 2 ** 20;

/** Every column in order, with its type. */
const COLUMNS = {
  id: 'TEXT NOT NULL',
  requestId: 'TEXT NOT NULL',
  at: 'INTEGER NOT NULL',
  task: 'TEXT NOT NULL',
  model: 'TEXT',
  version: 'TEXT',
  role: 'TEXT',
  outcome: 'TEXT NOT NULL',
  inputSha256: 'TEXT',
  input: 'TEXT',
  output: 'TEXT',
  totalMs: 'REAL NOT NULL',
  preprocessMs: 'REAL NOT NULL',
  queueMs: 'REAL NOT NULL',
  inferenceMs: 'REAL NOT NULL',
  postprocessMs: 'REAL NOT NULL',
  batchSize: 'INTEGER NOT NULL',
} as const satisfies Readonly<Record<keyof LoggedPrediction, string>>;

export const PREDICTION_COLUMNS = Object.keys(COLUMNS) as readonly (keyof LoggedPrediction)[];

const SCHEMA = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS predictions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    ${Object.entries(COLUMNS)
      .map(([name, type]) => `${name} ${type}`)
      .join(', ')}
  );
  PRAGMA user_version = ${FORMAT};
`;

/** Where the prediction log of a data folder is. */
export function predictionFileIn(dataFolder: string): string {
  return path.join(dataFolder, 'predictions.db');
}

export interface PredictionStoreOptions {
  readonly file: string;
  /** Of the file; up to 8 MB of SQLite's write-ahead log come beside it. 8 MB or more. */
  readonly maxBytes: number;
}

/**
 * The log's file: SQLite with a write-ahead log, so that it can be read while it is written. Blocks while it works, so
 * a server calls it in a thread of its own.
 */
export class PredictionStore {
  private opened: { readonly database: Database.Database; readonly inode: number } | undefined;

  constructor(private readonly options: PredictionStoreOptions) {}

  /** Writes all of them or, with an Error, none; the oldest go where there is no room. */
  append(predictions: readonly LoggedPrediction[]): void {
    try {
      const database = this.open();
      this.makeRoom(database);
      const names = PREDICTION_COLUMNS.join(', ');
      const insert = database.prepare(
        `INSERT INTO predictions (${names}) VALUES (${PREDICTION_COLUMNS.map(() => '?').join(', ')})`,
      );
      database.exec('BEGIN IMMEDIATE');
      for (const prediction of predictions) insert.run(PREDICTION_COLUMNS.map((name) => prediction[name]));
      database.exec('COMMIT');
    } catch (error) {
      // A connection keeps what a failed statement held; the next batch gets one of its own.
      this.close();
      throw explain(error);
    }
  }

  close(): void {
    const { database } = this.opened ?? {};
    this.opened = undefined;
    try {
      database?.close();
    } catch {
      // It was not usable any more.
    }
  }

  private open(): Database.Database {
    const { file } = this.options;
    // Whoever deletes the file means to begin anew.
    if (this.opened && statSync(file, { throwIfNoEntry: false })?.ino !== this.opened.inode) this.close();
    if (this.opened) return this.opened.database;
    mkdirSync(path.dirname(file), { recursive: true });
    // What was predicted is for the owner's eyes.
    closeSync(openSync(file, 'a', 0o600));
    const database = new Database(file);
    this.opened = { database, inode: statSync(file).ino };
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA synchronous = NORMAL`);
    requireFormat(database);
    database.exec(SCHEMA);
    database.exec(`PRAGMA journal_size_limit = ${WAL_BYTES}`);
    return database;
  }

  private makeRoom(database: Database.Database): void {
    const { maxBytes } = this.options;
    const dropOldest = database.prepare(
      'DELETE FROM predictions WHERE sequence < (SELECT min(sequence) FROM predictions) + ?',
    );
    const pageSize = readNumber(database, 'page_size');
    const read = (): { all: number; used: number } => {
      const all = readNumber(database, 'page_count');
      return { all: all * pageSize, used: (all - readNumber(database, 'freelist_count')) * pageSize };
    };
    const most = maxBytes - RESERVED_BYTES;
    while (read().used > most && dropOldest.run([ROWS_AT_ONCE]).changes > 0);
    // Free pages are used again; only a limit that was lowered leaves too many.
    if (read().all > maxBytes) database.prepare('PRAGMA incremental_vacuum').all([]);
  }
}

export interface PredictionFilter {
  /** Milliseconds since 1970: only those that began then or later. */
  readonly since?: number | undefined;
  /** Only those that began before. */
  readonly until?: number | undefined;
  readonly task?: string | undefined;
  readonly model?: string | undefined;
  readonly version?: string | undefined;
  readonly outcome?: string | undefined;
}

/** All predictions of a log that are there now, oldest first, a page at a time: a writer is never held up for long. */
export function* readPredictions(file: string, filter: PredictionFilter): Generator<readonly LoggedPrediction[]> {
  const database = new Database(file, { fileMustExist: true });
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA query_only = ON`);
    requireFormat(database);
    const { conditions, values } = toConditions(filter);
    const page = database.prepare(
      `SELECT sequence, ${PREDICTION_COLUMNS.join(', ')} FROM predictions WHERE ${conditions.join(' AND ')} ORDER BY sequence LIMIT ${PAGE_ROWS}`,
    );
    const last = database.prepare('SELECT max(sequence) AS last FROM predictions').get([]) as { last: number | null };
    for (let after = 0; ;) {
      const rows = page.all([after, last.last ?? 0, ...values]) as (LoggedPrediction & { sequence: number })[];
      if (rows.length === 0) return;
      after = rows.at(-1)?.sequence ?? Infinity;
      yield rows;
    }
  } finally {
    database.close();
  }
}

function toConditions({ since, until, ...named }: PredictionFilter) {
  const conditions = ['sequence > ?', 'sequence <= ?'];
  const values: (string | number)[] = [];
  const where = (condition: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  where('at >= ?', since);
  where('at < ?', until);
  for (const column of ['task', 'model', 'version', 'outcome'] as const) where(`${column} = ?`, named[column]);
  return { conditions, values };
}

function requireFormat(database: Database.Database): void {
  const format = readNumber(database, 'user_version');
  if (format > FORMAT) throw new Error(`A newer version of PredictQL wrote it (format ${format}).`);
}

/** With the cure, where there is one. */
function explain(thrown: unknown): Error {
  const cause = toError(thrown);
  if (!/not a database|malformed/.test(cause.message)) return cause;
  return new Error(`${cause.message}. Move predictions.db away, and a new one is begun.`, { cause });
}

function readNumber(database: Database.Database, pragma: string): number {
  const row = database.prepare(`PRAGMA ${pragma}`).get([]) as Readonly<Record<string, number>>;
  return row[pragma] ?? NaN;
}
