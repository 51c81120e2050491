import { AppError, toError } from '../errors';
import type { Logger } from '../observability/logger';
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
  /** Events a follower may be behind before it is given up. */
  readonly maxBehind?: number;
}

export interface Commit {
  /** What the events lead to, by model; written in the same transaction. */
  readonly states?: ReadonlyMap<string, unknown> | undefined;
  /** Makes the change true in memory. Must not throw. */
  readonly apply: () => void;
}

interface Follower {
  position: number;
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
  private readonly maxBehind: number;

  constructor(private readonly options: EventFeedOptions) {
    this.maxBehind = options.maxBehind ?? 10_000;
  }

  get log(): EventLog {
    return this.options.log;
  }

  get followerCount(): number {
    return this.followers.size;
  }

  /**
   * Writes events and states, then makes them true by `apply`, then tells the followers, all in one turn: nobody can
   * see the event before its fact, nor the fact without its event. If writing fails, nothing happened.
   */
  commit(events: readonly NewEvent[], { states, apply }: Commit): LoggedEvent[] {
    const logged = this.write(events, states);
    apply();
    this.recent.push(...logged);
    if (this.recent.length > RECENT_EVENTS) this.recent.splice(0, this.recent.length - RECENT_EVENTS);
    this.wakeFollowers();
    return logged;
  }

  /**
   * For facts that stand whether or not they can be written down now, such as a failure on a full disk: their events
   * are written, in order, together with the next ones that can be.
   */
  commitInAnyCase(events: readonly NewEvent[], { states = new Map(), apply }: Commit): void {
    try {
      this.commit(events, { states, apply });
    } catch (error) {
      apply();
      this.unwritten.push(...events);
      for (const [model, state] of states) this.unwrittenStates.set(model, state);
      this.options.appLog.error({ error: toError(error), waiting: this.unwritten.length }, 'events not written yet');
    }
  }

  /** All events after a position, for as long as the signal lets. */
  async *follow({ after, signal, onTooSlow, ...filter }: FollowOptions): AsyncGenerator<LoggedEvent, void, undefined> {
    const follower: Follower = { position: after, isBehind: false, wake: () => undefined, onTooSlow };
    const wake = (): void => follower.wake();
    signal.addEventListener('abort', wake);
    this.followers.add(follower);
    try {
      while (!hasEnded(signal, follower)) {
        const page = this.readAfter(follower.position);
        if (page.length === 0) {
          await new Promise<void>((resolve) => {
            follower.wake = resolve;
          });
          continue;
        }
        for (const event of page) {
          follower.position = event.sequence;
          if (matches(filter, event)) yield event;
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

  private readAfter(position: number): readonly LoggedEvent[] {
    if (position >= this.log.head) return [];
    const first = this.recent[0]?.sequence ?? Infinity;
    if (position + 1 < first) return this.log.read({ after: position, limit: PAGE });
    // Sequence numbers have no gaps within a process, so the index is known.
    return this.recent.slice(position + 1 - first, position + 1 - first + PAGE);
  }

  private wakeFollowers(): void {
    for (const follower of this.followers) {
      if (this.log.head - follower.position > this.maxBehind && !follower.isBehind) {
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
