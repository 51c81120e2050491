import { Field, Float, ObjectType } from 'type-graphql';
import { encodeCursor } from '../events/cursor';
import type { EventLog } from '../events/event-log';
import type { EventKind, LoggedEvent, TrafficShare } from '../events/model-version-event';
import { DateTime } from '../scalars.type';
import { ModelVersionType } from './model-version.type';
import { registerNames } from './register-names.type';
import type { Registry } from './registry';

export const ModelVersionEventKindEnum = registerNames<EventKind>({
  name: 'ModelVersionEventKind',
  description: 'What happened to a version. More kinds may come.',
  values: {
    current: 'Nothing happened: the version that is live as the subscription begins.',
    discovered: 'It appeared in the store.',
    verifying: 'Its files are being checked.',
    loading: 'The engine processes are loading it.',
    warming: 'It runs its first batches and its golden examples.',
    ready: 'It has passed all gates and answers when named.',
    promoted: 'It is live.',
    rolled_back: 'It is live again; previousVersion was taken back.',
    traffic_changed: 'Its share as canary or shadow changed.',
    draining: 'It takes no new requests and finishes those it has.',
    unloaded: 'Its memory is free again.',
    removed: 'Its folder is gone from the store.',
    failed: 'It did not pass a gate, or a change of its files was refused; reason says why.',
  },
});

export const TrafficRoleEnum = registerNames<TrafficShare['role']>({
  name: 'TrafficRole',
  description: 'What a version gets requests for besides being live.',
  values: {
    canary: 'It answers its share.',
    shadow: 'It is computed beside the live version.',
  },
});

@ObjectType('TrafficChange', { description: 'A share of the requests. 0 percent: ended.', simpleResolvers: true })
export class TrafficChangeType {
  @Field(() => TrafficRoleEnum, { description: 'Which share changed.' })
  role!: TrafficShare['role'];

  @Field(() => Float, { description: 'What it is now, 0 to 100.' })
  percent!: number;
}

/** An event as the log has it, or a CURRENT one, which stands at the log's head. */
export type ShownEvent = Omit<LoggedEvent, 'kind'> & { readonly kind: EventKind };

export interface EventSurroundings {
  readonly log: EventLog;
  readonly registry: Registry;
}

@ObjectType('ModelVersionEvent', { description: 'Something that happened to a version.' })
export class ModelVersionEventType {
  constructor(
    private readonly event: ShownEvent,
    private readonly surroundings: EventSurroundings,
  ) {}

  @Field(() => String, { description: 'Opaque: compare for equality only, and hand it back as `after`.' })
  get cursor(): string {
    const { kind, sequence, modelName } = this.event;
    return encodeCursor(this.surroundings.log, sequence, kind === 'current' ? modelName : undefined);
  }

  @Field(() => DateTime, { description: 'When it happened; of a CURRENT event: when it was sent.' })
  get at(): Date {
    return this.event.at;
  }

  @Field(() => ModelVersionEventKindEnum, { description: 'What happened.' })
  get kind(): EventKind {
    return this.event.kind;
  }

  @Field(() => String, { description: "The model's name." })
  get modelName(): string {
    return this.event.modelName;
  }

  @Field(() => String, { description: "The version's name." })
  get version(): string {
    return this.event.version;
  }

  @Field(() => ModelVersionType, { nullable: true, description: 'As it is now; null once it is gone from the store.' })
  get modelVersion(): ModelVersionType | null {
    const model = this.surroundings.registry.findModel(this.event.modelName);
    const version = model?.versions.get(this.event.version);
    return model && version ? new ModelVersionType(model, version) : null;
  }

  @Field(() => String, { nullable: true, description: 'The version that was live before, where that changed.' })
  get previousVersion(): string | null {
    return this.event.previousVersion ?? null;
  }

  @Field(() => TrafficChangeType, { nullable: true, description: 'The share that changed, of TRAFFIC_CHANGED.' })
  get traffic(): TrafficShare | null {
    return this.event.traffic ?? null;
  }

  @Field(() => String, {
    nullable: true,
    description: "Why: the failure's message, or what the person who acted wrote.",
  })
  get reason(): string | null {
    return this.event.reason ?? null;
  }

  @Field(() => String, {
    nullable: true,
    description: 'Name of the API key or subject that acted; null where the server acted by itself.',
  })
  get actor(): string | null {
    return this.event.actor ?? null;
  }
}

@ObjectType('PageInfo', { description: 'Where a page stands among all.', simpleResolvers: true })
export class PageInfoType {
  @Field(() => Boolean, { description: 'Whether there are newer events than these.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether there are older events than these.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first event of the page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last event of the page.' })
  endCursor!: string | null;
}

@ObjectType('ModelVersionEventConnection', { description: 'A page of events, oldest first.', simpleResolvers: true })
export class ModelVersionEventConnectionType {
  @Field(() => [ModelVersionEventType], { description: 'The events.' })
  nodes!: ModelVersionEventType[];

  @Field(() => PageInfoType, { description: 'Where the page stands among all.' })
  pageInfo!: PageInfoType;
}
