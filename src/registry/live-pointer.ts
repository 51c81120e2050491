import type { EventFeed } from '../events/event-feed';
import type { LoggedEvent } from '../events/model-version-event';
import type { Logger } from '../observability/logger';
import type { Model } from './model';
import type { ModelVersion } from './model-version';
import { promote, rollBack, type Pointers } from './pointers';
import type { Cause } from './version-loader';

/** What a change of the live version led to. */
export interface PointerChange {
  readonly model: Model;
  readonly event: LoggedEvent;
}

export interface LivePointerOptions {
  readonly feed: EventFeed;
  readonly log: Logger;
}

/**
 * Moves the pointer of a model to the version that answers, in one turn of the event loop: the change and its event
 * are written in one transaction, then the pointer moves, then the event is published. A request that holds a lease
 * keeps the version it was given. Throws, and changes nothing, where the event cannot be written.
 */
export class LivePointer {
  constructor(private readonly options: LivePointerOptions) {}

  promote(model: Model, version: ModelVersion, { byPerson, ...cause }: Cause & { byPerson: boolean }): PointerChange {
    return this.point(model, version, {
      kind: 'promoted',
      pointers: promote(model.pointers, version.version, { byPerson }),
      cause,
    });
  }

  rollBack(model: Model, version: ModelVersion, cause: Cause): PointerChange {
    return this.point(model, version, {
      kind: 'rolled_back',
      pointers: rollBack(model.pointers, version.version),
      cause,
    });
  }

  private point(model: Model, version: ModelVersion, { kind, pointers, cause }: Move): PointerChange {
    const event = {
      kind,
      modelName: model.name,
      version: version.version,
      previousVersion: model.pointers.live,
      ...cause,
    };
    const logged = this.options.feed.commit([event], {
      states: new Map([[model.name, pointers]]),
      apply: () => {
        model.pointers = pointers;
        model.live = version;
      },
    });
    return { model, event: logged.at(-1) as LoggedEvent };
  }
}

interface Move {
  readonly kind: 'promoted' | 'rolled_back';
  readonly pointers: Pointers;
  readonly cause: Cause;
}
