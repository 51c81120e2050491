import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import type { CallerLimits, Priority } from '../context';
import { toError } from '../errors';
import { createApiKey, createKeyId, hashApiKey } from './api-key';

/** What a key allows, and to whom it belongs. */
export interface KeyGrant {
  /** One of its own among the keys that are not revoked. */
  readonly name: string;
  readonly scopes: readonly string[];
  readonly limits: CallerLimits;
  readonly priority: Priority;
  /** Left out: it does not expire. */
  readonly expiresAt?: Date | undefined;
}

/** A key as it is stored: nothing in it opens anything. */
export interface StoredKey extends KeyGrant {
  readonly id: string;
  readonly createdAt: Date;
  readonly revokedAt?: Date | undefined;
  /** SHA-256 of the key; empty where it was revoked on a full disk. */
  readonly hash: Buffer;
  /** Of the key that a rotation replaced, and until when that one still opens. */
  readonly previous?: { readonly hash: Buffer; readonly until: Date } | undefined;
}

/** A key and what is stored of it. Only here the key itself is to be seen. */
export interface IssuedKey {
  readonly key: string;
  readonly stored: StoredKey;
}

const FORMAT = 1;
/** Milliseconds the command line waits for somebody else who reads or writes. */
const BUSY_MS = 5_000;
const SCHEMA = `
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    limits TEXT NOT NULL,
    priority TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    hash TEXT NOT NULL,
    previous_hash TEXT,
    previous_until INTEGER
  );
  CREATE UNIQUE INDEX IF NOT EXISTS names ON keys (name) WHERE revoked_at IS NULL;
  PRAGMA user_version = ${FORMAT};
  COMMIT;
`;

/** Where the keys of a data folder are. */
export function keyFileIn(dataFolder: string): string {
  return path.join(dataFolder, 'keys.db');
}

/** Where SQLite counts the changes of a file: see "Database File Format", 1.3.7. */
const COUNTER = { offset: 24, bytes: 4 };

/** Another one after each change of the file, and after it was replaced; undefined where there is none. */
export function readSignature(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const counter = Buffer.alloc(COUNTER.bytes);
    readSync(file, counter, { position: COUNTER.offset });
    return `${fstatSync(file).ino}:${counter.toString('hex')}`;
  } finally {
    closeSync(file);
  }
}

/**
 * The API keys in the data folder. The command line writes it while a server reads it, so it is a file of its own, apart
 * from the event log that one server holds for itself. It has a rollback journal and no write-ahead log: a reader needs
 * nothing beside the file, and whoever deletes or replaces it leaves no old pages to be found again.
 */
export class KeyFile {
  private constructor(private readonly database: Database.Database) {}

  /** Opens the keys of a data folder; both are made if missing. Throws an Error with the cure. */
  static open(dataFolder: string): KeyFile {
    try {
      mkdirSync(dataFolder, { recursive: true });
      const file = new KeyFile(new Database(keyFileIn(dataFolder)));
      file.database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
      if (file.readFormat() === 0) file.database.exec(SCHEMA);
      return file;
    } catch (thrown) {
      const cure = 'Set PREDICTQL_DATA_DIR to the data folder of the server, and be somebody who may write to it.';
      throw new Error(`The keys cannot be opened: ${toError(thrown).message}. ${cure}`, { cause: thrown });
    }
  }

  /**
   * All keys of a file that is there, for a server that must not wait. Throws where somebody writes at this moment. The
   * connection is a new one each time: a statement that failed for a lock would keep its own from letting go of the next.
   */
  static read(path: string): StoredKey[] {
    const file = new KeyFile(new Database(path));
    try {
      return file.list();
    } finally {
      file.close();
    }
  }

  /** All keys, the revoked ones too, oldest first. */
  list(): StoredKey[] {
    const format = this.readFormat();
    if (format > FORMAT) throw new Error(`a newer version of PredictQL wrote them (format ${format})`);
    // A file that was begun and never written, on a full disk for one.
    if (format === 0) return [];
    const rows = this.database.prepare('SELECT * FROM keys ORDER BY created_at, id').all([]) as KeyRow[];
    return rows.map(toStoredKey);
  }

  /** Throws an Error where the name is taken. */
  create(grant: KeyGrant): IssuedKey {
    const id = createKeyId();
    const key = createApiKey(id);
    const stored: StoredKey = { ...grant, id, createdAt: new Date(), hash: hashApiKey(key) };
    this.inTransaction(() => {
      if (this.findActive(grant.name))
        throw new Error(`There is a key "${grant.name}" already. Take another name, or revoke or rotate that one.`);
      this.write(stored);
    });
    return { key, stored };
  }

  /** From now on the key opens nothing; on a full disk too. */
  revoke(idOrName: string): StoredKey {
    try {
      return this.change(idOrName, (key) => ({ ...key, revokedAt: new Date() }));
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      return this.revokeInPlace(idOrName);
    }
  }

  /**
   * Another key in the place of this one: same id, name, scopes and limits. The former opens for another `graceMs`,
   * 0 or more, so that whoever uses it can change over; one that a rotation before left open ends now.
   */
  rotate(idOrName: string, { graceMs }: { readonly graceMs: number }): IssuedKey {
    let key = '';
    const stored = this.change(idOrName, (former) => {
      key = createApiKey(former.id);
      const previous = { hash: former.hash, until: new Date(Date.now() + graceMs) };
      return { ...former, hash: hashApiKey(key), previous };
    });
    return { key, stored };
  }

  close(): void {
    this.database.close();
  }

  /**
   * Without a byte more than the file has: the rollback journal is kept in memory, and the key's hash gives its room to
   * the time. Power that fails at this very moment may leave a damaged file, by which all keys are refused.
   */
  private revokeInPlace(idOrName: string): StoredKey {
    this.database.prepare('PRAGMA journal_mode = MEMORY').all([]);
    try {
      return this.change(idOrName, (key) => ({ ...key, revokedAt: new Date(), hash: Buffer.alloc(0) }));
    } finally {
      this.database.prepare('PRAGMA journal_mode = DELETE').all([]);
    }
  }

  private readFormat(): number {
    const rows = this.database.prepare('PRAGMA user_version').all([]) as { readonly user_version: number }[];
    return rows[0]?.user_version ?? 0;
  }

  private findActive(idOrName: string): StoredKey | undefined {
    return this.list().find(({ id, name, revokedAt }) => !revokedAt && (id === idOrName || name === idOrName));
  }

  private change(idOrName: string, change: (key: StoredKey) => StoredKey): StoredKey {
    return this.inTransaction(() => {
      const changed = change(this.require(idOrName));
      this.write(changed);
      return changed;
    });
  }

  /** One after the other, whoever else writes: a key that is rotated meanwhile must not forget that it was revoked. */
  private inTransaction<Result>(work: () => Result): Result {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      return result;
    } catch (error) {
      try {
        this.database.exec('ROLLBACK');
      } catch {
        // SQLite has rolled back by itself, as it does when the disk is full; the first error tells why.
      }
      throw error;
    }
  }

  private require(idOrName: string): StoredKey {
    const found = this.findActive(idOrName);
    if (found) return found;
    const names = this.list().flatMap(({ name, revokedAt }) => (revokedAt ? [] : [name]));
    const others = names.length > 0 ? `There are ${names.join(', ')}.` : 'There is none.';
    throw new Error(`There is no key "${idOrName}" that is not revoked. ${others}`);
  }

  private write({ id, name, scopes, limits, priority, createdAt, ...key }: StoredKey): void {
    this.database
      .prepare(
        `INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
           revoked_at = excluded.revoked_at, hash = excluded.hash,
           previous_hash = excluded.previous_hash, previous_until = excluded.previous_until`,
      )
      .run([
        id,
        name,
        scopes.join(' '),
        JSON.stringify(limits),
        priority,
        createdAt.getTime(),
        key.expiresAt?.getTime() ?? null,
        key.revokedAt?.getTime() ?? null,
        key.hash.toString('hex'),
        key.previous?.hash.toString('hex') ?? null,
        key.previous?.until.getTime() ?? null,
      ]);
  }
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  // A quota that is used up is told as an error of writing.
  return code === 'SQLITE_FULL' || (typeof code === 'string' && code.startsWith('SQLITE_IOERR'));
}

interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly limits: string;
  readonly priority: Priority;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly hash: string;
  readonly previous_hash: string | null;
  readonly previous_until: number | null;
}

function toStoredKey(row: KeyRow): StoredKey {
  const { id, name, priority } = row;
  return {
    id,
    name,
    priority,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    limits: JSON.parse(row.limits) as CallerLimits,
    createdAt: new Date(row.created_at),
    expiresAt: toDate(row.expires_at),
    revokedAt: toDate(row.revoked_at),
    hash: Buffer.from(row.hash, 'hex'),
    previous:
      row.previous_hash === null
        ? undefined
        : { hash: Buffer.from(row.previous_hash, 'hex'), until: new Date(row.previous_until ?? 0) },
  };
}

function toDate(milliseconds: number | null): Date | undefined {
  return milliseconds === null ? undefined : new Date(milliseconds);
}
