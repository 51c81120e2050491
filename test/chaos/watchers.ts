import { ask, dataOf } from '../support/graphql';
import { subscribeEvents, type EventSubscription } from '../support/event-subscription';
import { until } from '../support/until';
import { READ_EVENTS } from '../support/version-operations';
import type { World } from './world';

/** A subscriber that is cut off again and again, and each time goes on after the last event it has. */
class Watcher {
  private readonly before: string[] = [];
  private subscription: EventSubscription | undefined;

  constructor(
    private readonly world: World,
    private readonly start: string,
  ) {}

  follow(): void {
    const { server, headers } = this.world;
    const subscription = subscribeEvents(server, { after: this.told.at(-1) ?? this.start }, headers);
    this.subscription = subscription;
    // Whom the server cuts off, as it does when a client is too slow, goes on too.
    void subscription.ended.then(() => {
      if (this.subscription !== subscription) return;
      this.keep();
      this.follow();
    });
  }

  async cut(): Promise<void> {
    await this.stop();
    this.follow();
  }

  async stop(): Promise<void> {
    const { subscription } = this;
    this.keep();
    subscription?.terminate();
    await subscription?.ended;
  }

  /** Cursors of all events that came, in their order. */
  get told(): readonly string[] {
    return [...this.before, ...(this.subscription?.events ?? []).map(({ cursor }) => cursor)];
  }

  private keep(): void {
    this.before.push(...(this.subscription?.events ?? []).map(({ cursor }) => cursor));
    this.subscription = undefined;
  }
}

export interface WatchedEvents {
  readonly events: number;
  /** What a subscriber missed or met out of order, and changes that were confirmed and not logged. */
  readonly lost: number;
  readonly doubled: number;
}

export class Watchers {
  private all: readonly Watcher[] = [];
  private start = '';
  private readonly confirmed: string[] = [];

  constructor(
    private readonly world: World,
    private readonly count: number,
  ) {}

  async begin(): Promise<void> {
    const { nodes } = await this.read({ last: 1 });
    this.start = nodes.at(-1)!.cursor;
    this.all = Array.from({ length: this.count }, () => new Watcher(this.world, this.start));
    for (const watcher of this.all) watcher.follow();
  }

  /** A change that was answered with this event: it must be in the log, and told to everybody. */
  confirm(cursor: string): void {
    this.confirmed.push(cursor);
  }

  async cut(index: number): Promise<void> {
    await this.all[index % this.all.length]!.cut();
  }

  /** Everything that was told against the log. */
  async check(): Promise<WatchedEvents> {
    const logged = await this.readAll();
    await until('all is told', () => this.all.every(({ told }) => told.at(-1) === logged.at(-1))).catch(
      () => undefined,
    );
    let lost = this.confirmed.filter((cursor) => !logged.includes(cursor)).length;
    let doubled = 0;
    for (const watcher of this.all) {
      await watcher.stop();
      const told = new Set(watcher.told);
      doubled += watcher.told.length - told.size;
      lost += logged.filter((cursor) => !told.has(cursor)).length;
      // What comes in another order than in the log counts as lost.
      lost += [...told].filter((cursor, place) => told.size === logged.length && cursor !== logged[place]).length;
    }
    return { events: logged.length, lost, doubled };
  }

  private async readAll(): Promise<string[]> {
    const cursors: string[] = [];
    for (let after = this.start; ;) {
      const { nodes, pageInfo } = await this.read({ first: 1_000, after });
      cursors.push(...nodes.map(({ cursor }) => cursor));
      if (!pageInfo.hasNextPage) return cursors;
      after = pageInfo.endCursor!;
    }
  }

  private async read(variables: Record<string, unknown>) {
    const { server, headers } = this.world;
    return dataOf(await ask(server, READ_EVENTS, variables, { headers })).modelVersionEvents!;
  }
}
