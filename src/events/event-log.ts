import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { toError } from '../errors';
import type { EventFilter, LoggedEvent, NewEvent } from './model-version-event';

/** Kept at least, and how many older ones are dropped at a time. */
const KEPT_EVENTS = 100_000;
const DROPPED_AT_ONCE = 10_000;

export interface EventLogOptions {
  /** Newest events that are always kept. Default 100,000. */
  readonly keptEvents?: number;
  /** Older ones are dropped so many at a time, 1 or more. Default 10,000. */
  readonly droppedAtOnce?: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log (id TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    previous TEXT,
    role TEXT,
    percent REAL,
    reason TEXT,
    actor TEXT
  );
  CREATE TABLE IF NOT EXISTS states (model TEXT PRIMARY KEY, state TEXT NOT NULL);
`;

export interface ReadOptions extends EventFilter {
  /** Only events after this sequence number. */
  readonly after?: number | undefined;
  /** Only events before this sequence number. */
  readonly before?: number | undefined;
  readonly limit: number;
  /** Read from the end; what is read comes oldest first all the same. */
  readonly fromEnd?: boolean | undefined;
}

/**
 * The durable, ordered log of what happened to versions, and beside each model the state its events led to. An event
 * and the state it leads to are written in one transaction, so that neither is ever there without the other.
 *
 * SQLite with a write-ahead log and `synchronous=NORMAL`: what was acknowledged survives a kill of the process; a
 * power failure may take the last few milliseconds.
 */
export class EventLog {
  /** Names this log, so that cursors of another are told apart. */
  readonly id: string;
  private isClosed = false;
  private newest: number;
  private oldest: number;
  private readonly statements;

  private readonly keptEvents: number;
  private readonly droppedAtOnce: number;

  private constructor(
    private readonly database: Database.Database,
    { keptEvents = KEPT_EVENTS, droppedAtOnce = DROPPED_AT_ONCE }: EventLogOptions,
  ) {
    this.keptEvents = keptEvents;
    this.droppedAtOnce = droppedAtOnce;
    database.exec(SCHEMA);
    this.id = this.readOrCreateId();
    this.statements = {
      insert: database.prepare(
        'INSERT INTO events (at, kind, model, version, previous, role, percent, reason, actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ),
      putState: database.prepare(
        'INSERT INTO states (model, state) VALUES (?, ?) ON CONFLICT (model) DO UPDATE SET state = excluded.state',
      ),
      drop: database.prepare('DELETE FROM events WHERE sequence <= ?'),
    };
    const bounds = database.prepare('SELECT min(sequence) AS oldest, max(sequence) AS newest FROM events').get([]);
    const { oldest, newest } = bounds as { oldest: number | null; newest: number | null };
    this.newest = newest ?? 0;
    this.oldest = oldest ?? 1;
  }

  /** Opens the log in a folder, made if missing. Throws an Error with the cure where another server holds it. */
  static open(folder: string, options: EventLogOptions = {}): EventLog {
    try {
      mkdirSync(folder, { recursive: true });
      const database = new Database(path.join(folder, 'events.db'));
      // Exclusive: two servers on one folder would not see each other's events.
      database.exec('PRAGMA busy_timeout = 1000; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL');
      database.exec('PRAGMA synchronous = NORMAL');
      return new EventLog(database, options);
    } catch (thrown) {
      const cause = toError(thrown);
      const cure = cause.message.includes('locked')
        ? 'Another server uses it: stop that one, or set PREDICTQL_DATA_DIR to another folder.'
        : `${cause.message}. Set PREDICTQL_DATA_DIR to a folder that can be written.`;
      throw new Error(`The data folder cannot be used. ${cure}`, { cause: thrown });
    }
  }

  /** Sequence number of the last event; 0 while there is none. */
  get head(): number {
    return this.newest;
  }

  /** Whether every event after this sequence number is still kept. */
  keepsAllAfter(sequence: number): boolean {
    return sequence >= this.oldest - 1;
  }

  /** Writes events, and the states they lead to by model, in one transaction. Throws and writes nothing if it fails. */
  append(events: readonly NewEvent[], states: ReadonlyMap<string, unknown> = new Map()): LoggedEvent[] {
    const at = Date.now();
    const logged: LoggedEvent[] = [];
    this.inTransaction(() => {
      for (const event of events) logged.push(this.insert(event, at));
      for (const [model, state] of states) this.statements.putState.run([model, JSON.stringify(state)]);
    });
    this.newest = logged.at(-1)?.sequence ?? this.newest;
    // What was asked for is written: whether old events can be dropped now is another matter.
    this.dropOldest();
    return logged;
  }

  /** Events in the order in which they happened. */
  read({ model, kinds, after, before, limit, fromEnd }: ReadOptions): LoggedEvent[] {
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const where = (condition: string, ...bound: (string | number)[]): void => {
      conditions.push(condition);
      values.push(...bound);
    };
    if (after !== undefined) where('sequence > ?', after);
    if (before !== undefined) where('sequence < ?', before);
    if (model !== undefined) where('model = ?', model);
    if (kinds) where(`kind IN (${kinds.map(() => '?').join(', ')})`, ...kinds);
    const filter = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    const order = fromEnd ? 'DESC' : 'ASC';
    const rows = this.database
      .prepare(`SELECT * FROM events ${filter} ORDER BY sequence ${order} LIMIT ?`)
      .all([...values, limit]) as EventRow[];
    return (fromEnd ? rows.reverse() : rows).map(toEvent);
  }

  /** The last state written for each model. */
  readStates(): Map<string, unknown> {
    const rows = this.database.prepare('SELECT model, state FROM states').all([]) as { model: string; state: string }[];
    return new Map(rows.map(({ model, state }) => [model, JSON.parse(state) as unknown]));
  }

  /** Lets go of the folder at once; further calls throw. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    try {
      // libsql keeps the file open until its statements are collected, so the lock is given back by hand; it can be
      // only outside WAL mode, and only by a read.
      this.database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT id FROM log');
    } catch {
      // On a full disk the end of the process gives it back.
    }
    this.database.close();
  }

  private insert(event: NewEvent, at: number): LoggedEvent {
    const { kind, modelName, version, previousVersion, traffic, reason, actor } = event;
    const { lastInsertRowid } = this.statements.insert.run([
      at,
      kind,
      modelName,
      version,
      previousVersion ?? null,
      traffic?.role ?? null,
      traffic?.percent ?? null,
      reason ?? null,
      actor ?? null,
    ]);
    return { ...event, sequence: Number(lastInsertRowid), at: new Date(at) };
  }

  private dropOldest(): void {
    if (this.newest - this.oldest + 1 < this.keptEvents + this.droppedAtOnce) return;
    const last = this.newest - this.keptEvents;
    try {
      this.inTransaction(() => this.statements.drop.run([last]));
      this.oldest = last + 1;
    } catch {
      // A full disk lets nothing be dropped either; the next append tries again.
    }
  }

  private inTransaction(work: () => unknown): void {
    if (this.isClosed) throw new Error('The event log is closed.');
    this.database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.database.exec('COMMIT');
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  private rollBack(): void {
    try {
      this.database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full; the first error tells why.
    }
  }

  private readOrCreateId(): string {
    const row = this.database.prepare('SELECT id FROM log').get([]) as { id: string } | undefined;
    if (row) return row.id;
    const id = randomUUID();
    this.database.prepare('INSERT INTO log (id) VALUES (?)').run([id]);
    return id;
  }
}

interface EventRow {
  readonly sequence: number;
  readonly at: number;
  readonly kind: NewEvent['kind'];
  readonly model: string;
  readonly version: string;
  readonly previous: string | null;
  readonly role: 'canary' | 'shadow' | null;
  readonly percent: number | null;
  readonly reason: string | null;
  readonly actor: string | null;
}

function toEvent({
  sequence,
  at,
  kind,
  model,
  version,
  previous,
  role,
  percent,
  reason,
  actor,
}: EventRow): LoggedEvent {
  return {
    sequence,
    at: new Date(at),
    kind,
    modelName: model,
    version,
    previousVersion: previous ?? undefined,
    traffic: role === null ? undefined : { role, percent: percent ?? 0 },
    reason: reason ?? undefined,
    actor: actor ?? undefined,
  };
}
