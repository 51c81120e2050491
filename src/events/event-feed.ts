import { AppError, toError } from '../errors';
import type { Logger } from '../observability/logger';
import { Slices } from '../slices';
import type { EventLog } from './event-log';
import { matches, type EventFilter, type LoggedEvent, type NewEvent } from './model-version-event';

/** Newest events kept in memory, so that subscribers who keep up cost no reading. */
const RECENT_EVENTS = 1_000;
const PAGE = 200;

export interface FollowOptions extends EventFilter {
  /** Events after this sequence number. */
  readonly after: number;
  /** Ends the iteration. */
  readonly signal: AbortSignal;
  /** Called once when the follower has fallen further behind than `maxBehind`; its iteration ends. */
  readonly onTooSlow?: () => void;
}

export interface EventFeedOptions {
  readonly log: EventLog;
  readonly appLog: Logger;
  /** Events a follower may be behind before it is given up; one that resumes far back may be as far behind as it began. Default 10,000. */
  readonly maxBehind?: number;
  /** Milliseconds between attempts to write events that could not be written yet. Default 1,000. */
  readonly retryMs?: number;
}

export interface Commit {
  /** What the events lead to, by model; written in the same transaction. */
  readonly states?: ReadonlyMap<string, unknown> | undefined;
  /** Makes the change true in memory. Must not throw. */
  readonly apply: () => void;
}

interface Follower {
  position: number;
  /** Events it may be behind. */
  allowance: number;
  isBehind: boolean;
  wake: () => void;
  readonly onTooSlow: (() => void) | undefined;
}

/**
 * The log, followed as it grows. A follower is a position in the log and nothing else: it takes what comes after its
 * position, and waits when that is nothing. So past and present meet without a gap or a double, and a slow follower
 * holds no events in memory.
 */
export class EventFeed {
  private readonly followers = new Set<Follower>();
  private readonly recent: LoggedEvent[] = [];
  private readonly unwritten: NewEvent[] = [];
  private readonly unwrittenStates = new Map<string, unknown>();
  /** A thousand followers have a thousand answers to make of each event. */
  private readonly slices = new Slices();
  private readonly maxBehind: number;
  private readonly retryMs: number;
  private retry: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: EventFeedOptions) {
    this.maxBehind = options.maxBehind ?? 10_000;
    this.retryMs = options.retryMs ?? 1_000;
  }

  get log(): EventLog {
    return this.options.log;
  }

  get followerCount(): number {
    return this.followers.size;
  }

  /** Events that the slowest follower has still to be told. */
  get furthestBehind(): number {
    return Math.max(0, ...[...this.followers].map(({ position }) => this.log.head - position));
  }

  /** Events that could not be written yet. */
  get waiting(): number {
    return this.unwritten.length;
  }

  /**
   * Writes events and states, then makes them true by `apply`, then tells the followers, all in one turn: nobody can
   * see the event before its fact, nor the fact without its event. If writing fails, nothing happened.
   */
  commit(events: readonly NewEvent[], { states, apply }: Commit): LoggedEvent[] {
    const logged = this.write(events, states);
    apply();
    this.publish(logged);
    // Those that had waited come first; who commits asks for its own.
    return logged.slice(logged.length - events.length);
  }

  /**
   * For facts that stand whether or not they can be written down now, such as a failure on a full disk: their events
   * are written as soon as they can be, in order and before any later one.
   */
  commitInAnyCase(events: readonly NewEvent[], { states = new Map(), apply }: Commit): void {
    let logged: LoggedEvent[] = [];
    try {
      logged = this.write(events, states);
    } catch (error) {
      this.unwritten.push(...events);
      for (const [model, state] of states) this.unwrittenStates.set(model, state);
      this.options.appLog.error({ error: toError(error), waiting: this.waiting }, 'events not written yet');
      this.scheduleRetry();
    }
    apply();
    this.publish(logged);
  }

  /** Makes a last attempt to write what could not be written, and closes the log. */
  close(): void {
    clearTimeout(this.retry);
    if (this.waiting > 0) this.writeWaiting();
    this.isClosed = true;
    this.log.close();
  }

  /** All events after a position, for as long as the signal lets. */
  async *follow({ after, signal, onTooSlow, ...filter }: FollowOptions): AsyncGenerator<LoggedEvent, void, undefined> {
    const allowance = this.maxBehind + Math.max(0, this.log.head - after);
    const follower: Follower = { position: after, allowance, isBehind: false, wake: () => undefined, onTooSlow };
    const wake = (): void => follower.wake();
    signal.addEventListener('abort', wake);
    this.followers.add(follower);
    try {
      while (!hasEnded(signal, follower)) {
        // A page may hold nothing for this follower, and reading one is work too.
        await this.slices.turn();
        // Nobody would wake one that ended meanwhile.
        if (hasEnded(signal, follower)) return;
        let hasTurn = true;
        const page = this.readAfter(follower.position);
        if (page.length === 0) {
          follower.allowance = this.maxBehind;
          await new Promise<void>((resolve) => {
            follower.wake = resolve;
          });
          continue;
        }
        for (const event of page) {
          follower.position = event.sequence;
          if (!matches(filter, event)) continue;
          if (!hasTurn) await this.slices.turn();
          hasTurn = false;
          if (hasEnded(signal, follower)) return;
          yield event;
          if (hasEnded(signal, follower)) return;
        }
      }
    } finally {
      this.followers.delete(follower);
      signal.removeEventListener('abort', wake);
    }
  }

  private write(events: readonly NewEvent[], states: ReadonlyMap<string, unknown> | undefined): LoggedEvent[] {
    try {
      const logged = this.log.append(
        [...this.unwritten, ...events],
        new Map([...this.unwrittenStates, ...(states ?? [])]),
      );
      this.unwritten.length = 0;
      this.unwrittenStates.clear();
      return logged;
    } catch (cause) {
      throw new AppError(
        'INTERNAL_SERVER_ERROR',
        'The change could not be written to the event log, so nothing was changed. Is the disk full?',
        { cause },
      );
    }
  }

  private publish(logged: readonly LoggedEvent[]): void {
    if (logged.length === 0) return;
    for (const event of logged) this.options.appLog.info(describe(event), 'version event');
    this.recent.push(...logged);
    if (this.recent.length > RECENT_EVENTS) this.recent.splice(0, this.recent.length - RECENT_EVENTS);
    this.wakeFollowers();
  }

  private scheduleRetry(): void {
    if (this.retry || this.isClosed) return;
    this.retry = setTimeout(() => {
      this.retry = undefined;
      if (this.waiting > 0) this.writeWaiting();
    }, this.retryMs);
    this.retry.unref();
  }

  private writeWaiting(): void {
    try {
      this.publish(this.write([], undefined));
      this.options.appLog.info('events written that had waited');
    } catch (error) {
      this.options.appLog.error({ error: toError(error), waiting: this.waiting }, 'events not written yet');
      this.scheduleRetry();
    }
  }

  private readAfter(position: number): readonly LoggedEvent[] {
    if (position >= this.log.head) return [];
    const first = this.recent[0]?.sequence ?? Infinity;
    if (position + 1 < first) return this.log.read({ after: position, limit: PAGE });
    // Sequence numbers have no gaps within a process, so the index is known.
    return this.recent.slice(position + 1 - first, position + 1 - first + PAGE);
  }

  private wakeFollowers(): void {
    for (const follower of this.followers) {
      if (this.log.head - follower.position > follower.allowance && !follower.isBehind) {
        follower.isBehind = true;
        follower.onTooSlow?.();
      }
      follower.wake();
    }
  }
}

/** Asked anew after every pause: both may have changed while the follower was suspended. */
function hasEnded(signal: AbortSignal, { isBehind }: Follower): boolean {
  return signal.aborted || isBehind;
}

function describe({ sequence, kind, modelName: model, version, previousVersion, traffic, actor, reason }: LoggedEvent) {
  return { kind, model, version, previousVersion, ...traffic, actor, reason, sequence };
}
