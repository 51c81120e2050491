import { EventLog, type EventLogOptions } from '../../src/events/event-log';
import type { LoggedEvent, NewEvent } from '../../src/events/model-version-event';
import { createTemporaryFolder } from './temporary-folder';

/** A real log in a folder of its own that can be closed, opened again, and told to fail its writes. */
export class TestLog implements Disposable {
  private readonly folder = createTemporaryFolder();
  current: EventLog;
  /** While set, nothing can be written, as on a full disk. */
  isFull = false;

  constructor(private readonly options: EventLogOptions = {}) {
    this.current = this.open();
  }

  get path(): string {
    return this.folder.path;
  }

  /** As a process that starts where another ended. */
  reopen(): EventLog {
    this.current = this.open();
    return this.current;
  }

  /** Everything that is kept, oldest first. */
  get events(): LoggedEvent[] {
    return this.current.read({ limit: 1_000_000 });
  }

  [Symbol.dispose](): void {
    this.current.close();
    this.folder[Symbol.dispose]();
  }

  private open(): EventLog {
    const log = EventLog.open(this.folder.path, this.options);
    const append = log.append.bind(log);
    log.append = (events, states) => {
      if (this.isFull) throw new Error('database or disk is full');
      return append(events, states);
    };
    return log;
  }
}

/** Something that happened to version 1 of model m. */
export function createEvent(changes: Partial<NewEvent> = {}): NewEvent {
  return { kind: 'ready', modelName: 'm', version: '1', ...changes };
}

/** So many events, each with its number as its reason. */
export function createEvents(count: number, first = 1): NewEvent[] {
  return Array.from({ length: count }, (_, index) => createEvent({ reason: String(first + index) }));
}
