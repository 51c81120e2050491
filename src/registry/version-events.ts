import type { RequestContext } from '../context';
import { badUserInput } from '../errors';
import { decodeCursor, requireKept } from '../events/cursor';
import type { EventFeed } from '../events/event-feed';
import type { EventFilter, EventKind } from '../events/model-version-event';
import { matches } from '../events/model-version-event';
import {
  ModelVersionEventType,
  type ModelVersionEventConnectionType,
  type EventSurroundings,
  type ShownEvent,
} from './model-version-event.type';
import type { Registry } from './registry';

const DEFAULT_PAGE = 100;
/** WebSocket's "try again later": clients connect again by themselves, and resume after their last cursor. */
const TOO_SLOW = { code: 1013, reason: 'Too slow. Subscribe again after your last cursor.' };

export interface EventQuery {
  readonly model?: string | null | undefined;
  readonly kinds?: readonly EventKind[] | null | undefined;
  readonly after?: string | null | undefined;
}

export interface EventPageQuery extends EventQuery {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** The events of versions as clients read and follow them. */
export class VersionEvents {
  private readonly surroundings: EventSurroundings;

  constructor(
    private readonly feed: EventFeed,
    private readonly registry: Registry,
  ) {
    this.surroundings = { log: feed.log, registry };
  }

  /**
   * A subscription's events: what came after its cursor, or what is live now, and then what happens. Throws
   * CURSOR_INVALID or CURSOR_EXPIRED before the first of them.
   */
  follow({ after, ...query }: EventQuery, context: RequestContext): AsyncIterable<ModelVersionEventType> {
    const cursor = after == null ? undefined : decodeCursor(this.feed.log, after);
    const filter = toFilter(query);
    if (cursor && !cursor.isSnapshot) {
      requireKept(this.feed.log, cursor);
      return this.iterate({ filter, position: cursor.sequence, snapshot: [], context });
    }
    // The snapshot and its place in the log are taken in one turn, so that nothing falls between them.
    return this.iterate({ filter, position: this.feed.log.head, snapshot: this.snapshot(filter), context });
  }

  /** A page of the log. */
  page({ first, last, after, before, ...query }: EventPageQuery): ModelVersionEventConnectionType {
    if (first != null && last != null)
      throw badUserInput([{ path: 'last', message: 'Expected either first or last, not both.' }]);
    const { log } = this.feed;
    const limit = first ?? last ?? DEFAULT_PAGE;
    const lower = after == null ? undefined : decodeCursor(log, after);
    const upper = before == null ? undefined : decodeCursor(log, before);
    if (lower) requireKept(log, lower);
    if (upper) requireKept(log, upper);
    const bounds = { after: lower?.sequence, before: upper?.sequence };
    const fromEnd = last != null;
    // One more than asked for tells whether there are more on that side.
    const events = log.read({ ...toFilter(query), ...bounds, limit: limit + 1, fromEnd });
    const hasMore = events.length > limit;
    const page = hasMore ? (fromEnd ? events.slice(1) : events.slice(0, limit)) : events;
    const nodes = page.map((event) => this.show(event));
    return {
      nodes,
      pageInfo: {
        hasNextPage: fromEnd ? bounds.before !== undefined : hasMore,
        hasPreviousPage: fromEnd ? hasMore : bounds.after !== undefined,
        startCursor: nodes[0]?.cursor ?? null,
        endCursor: nodes.at(-1)?.cursor ?? null,
      },
    };
  }

  show(event: ShownEvent): ModelVersionEventType {
    return new ModelVersionEventType(event, this.surroundings);
  }

  private async *iterate({ filter, position, snapshot, context }: Iteration): AsyncGenerator<ModelVersionEventType> {
    for (const event of snapshot) yield this.show(event);
    const onTooSlow = (): void => context.disconnect?.(TOO_SLOW);
    for await (const event of this.feed.follow({
      ...filter,
      after: position,
      signal: context.cancellation.signal,
      onTooSlow,
    }))
      yield this.show(event);
  }

  private snapshot(filter: EventFilter): ShownEvent[] {
    const at = new Date();
    return this.registry.models
      .flatMap(({ name: modelName, live }) => (live ? [{ modelName, version: live.version }] : []))
      .map((live) => ({ ...live, kind: 'current' as const, sequence: this.feed.log.head, at }))
      .filter((event) => matches(filter, event));
  }
}

interface Iteration {
  readonly filter: EventFilter;
  readonly position: number;
  readonly snapshot: readonly ShownEvent[];
  readonly context: RequestContext;
}

function toFilter({ model, kinds }: EventQuery): EventFilter {
  return { model: model ?? undefined, kinds: kinds ?? undefined };
}
