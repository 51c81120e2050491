import { timingSafeEqual } from 'node:crypto';
import type { Caller } from '../context';
import { AppError, toError } from '../errors';
import type { Logger } from '../observability/logger';
import { hashApiKey, parseApiKey } from './api-key';
import { KeyFile, keyFileIn, readSignature, type StoredKey } from './key-file';

/** Milliseconds between looks at the file: a revoked key opens for so long at most. */
const POLL_MS = 250;
/** So many looks in vain are more than somebody who writes. */
const TOLD_FAILURES = 4;

/** A key that somebody was let in with, and who wants to know when it ends. */
interface Watched {
  readonly id: string;
  readonly hash: Buffer;
  readonly listeners: Set<(why: AppError) => void>;
}

/** The API keys as they are now: what the command line changes in the data folder is known here within 250 ms. */
export class KeyRing {
  private keys: ReadonlyMap<string, StoredKey> = new Map();
  private wereThereKeys = false;
  private readonly watched = new Map<string, Watched>();
  private readonly firstKeyListeners = new Set<() => void>();
  private readonly path: string;
  /** Of the file as it was read last. */
  private signature: string | undefined;
  private failures = 0;
  private readonly timer: NodeJS.Timeout;

  /** Throws an Error where there are keys that cannot be read. */
  constructor(
    dataFolder: string,
    private readonly log: Logger,
  ) {
    this.path = keyFileIn(dataFolder);
    try {
      this.refresh();
    } catch (thrown) {
      throw new Error(`The keys in the data folder cannot be read: ${toError(thrown).message}.`, { cause: thrown });
    }
    this.timer = setInterval(() => this.poll(), POLL_MS).unref();
  }

  /** Whether a key was ever there, be it revoked: a server that was closed does not open because its last key ends. */
  get hasKeys(): boolean {
    return this.wereThereKeys;
  }

  /** Who a key belongs to. Throws UNAUTHENTICATED. */
  find(text: string): Caller {
    const parsed = parseApiKey(text);
    if (parsed.kind === 'misspelt') throw refuse('The key is not written right: some of it is missing or changed.');
    if (parsed.kind === 'other') throw refuse('This is no key of PredictQL: those begin with pql_.');
    const hash = hashApiKey(text);
    const refusal = this.refusalOf(parsed.id, hash);
    if (refusal) throw refusal;
    const { id, name, scopes, limits, priority } = this.keys.get(parsed.id) as StoredKey;
    const onEnd = (listener: (why: AppError) => void): Disposable => this.watch(id, hash, listener);
    return { id: `key:${id}`, name, scopes, limits, priority, onEnd };
  }

  /** Calls back once, when the first key appears. */
  onFirstKey(listener: () => void): Disposable {
    this.firstKeyListeners.add(listener);
    return { [Symbol.dispose]: () => this.firstKeyListeners.delete(listener) };
  }

  close(): void {
    clearInterval(this.timer);
  }

  private poll(): void {
    try {
      this.refresh();
      if (this.failures >= TOLD_FAILURES) this.log.info('keys can be read again');
      this.failures = 0;
    } catch (error) {
      // Somebody writes, or the disk fails: what was read last holds, and the next look tells more.
      this.failures++;
      if (this.failures === TOLD_FAILURES) this.log.error({ error }, 'keys cannot be read; those read last hold');
    }
    // By the clock as well as by the file: keys also expire.
    for (const [name, { id, hash, listeners }] of this.watched) {
      const why = this.refusalOf(id, hash);
      if (!why) continue;
      this.watched.delete(name);
      for (const listener of listeners) listener(why);
    }
  }

  private refresh(): void {
    // Asked for first: what is written between the two is read again next time.
    const signature = readSignature(this.path);
    if (signature === this.signature) return;
    const keys = signature === undefined ? [] : KeyFile.read(this.path);
    if (signature === undefined) this.log.warn('the keys were deleted: all are refused');
    this.keys = new Map(keys.map((key) => [key.id, key]));
    this.signature = signature;
    if (keys.length > 0) this.require();
  }

  private require(): void {
    if (this.wereThereKeys) return;
    this.wereThereKeys = true;
    for (const listener of this.firstKeyListeners) listener();
    this.firstKeyListeners.clear();
  }

  private refusalOf(id: string, hash: Buffer): AppError | undefined {
    const key = this.keys.get(id);
    if (!key) return refuse('There is no such key.');
    const { previous, revokedAt, expiresAt } = key;
    const now = Date.now();
    const isCurrent = isSame(key.hash, hash);
    const isPrevious = !isCurrent && previous !== undefined && isSame(previous.hash, hash);
    // On a full disk its hash was given up, and whatever comes in its name is refused alike.
    const wasGivenUp = key.hash.length === 0;
    if (!isCurrent && !isPrevious && !wasGivenUp) return refuse('There is no such key.');
    // Whoever holds the secret may know what became of it.
    if (revokedAt || wasGivenUp) return refuse('The key is revoked.');
    if (isPrevious && previous.until.getTime() <= now) return refuse('The key was rotated: use the one in its place.');
    return expiresAt && expiresAt.getTime() <= now ? refuse('The key has expired.') : undefined;
  }

  private watch(id: string, hash: Buffer, listener: (why: AppError) => void): Disposable {
    const past = this.refusalOf(id, hash);
    if (past) {
      listener(past);
      return { [Symbol.dispose]: () => undefined };
    }
    const name = `${id}:${hash.toString('hex')}`;
    const watched = this.watched.get(name) ?? { id, hash, listeners: new Set() };
    watched.listeners.add(listener);
    this.watched.set(name, watched);
    return {
      [Symbol.dispose]: () => {
        watched.listeners.delete(listener);
        if (watched.listeners.size === 0 && this.watched.get(name) === watched) this.watched.delete(name);
      },
    };
  }
}

/** False for one that was given up with its key. */
function isSame(stored: Buffer, given: Buffer): boolean {
  return stored.length === given.length && timingSafeEqual(stored, given);
}

function refuse(message: string): AppError {
  return new AppError('UNAUTHENTICATED', message);
}
