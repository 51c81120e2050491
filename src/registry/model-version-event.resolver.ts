import type { PubSub } from 'type-graphql';
import { Args, Authorized, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { RequestContext, Scope } from '../context';
import { refuseFaults } from '../validate-input';
import { ModelVersionChangedArgs, ModelVersionEventsArgs } from './model-version-event.input';
import { ModelVersionEventConnectionType, ModelVersionEventType } from './model-version-event.type';
import type { VersionEvents } from './version-events';

const TOPIC = 'modelVersionChanged';

/** What a subscription hands to `createVersionPubSub`: who follows which events. */
interface FollowRequest {
  readonly args: ModelVersionChangedArgs;
  readonly context: RequestContext;
}

@Resolver()
export class ModelVersionEventResolver {
  constructor(private readonly events: VersionEvents) {}

  @Authorized<Scope>('models:read')
  @Query(() => ModelVersionEventConnectionType, {
    nullable: true,
    description: 'What happened, oldest first; `last` and `before` read from the end.',
  })
  modelVersionEvents(
    @Args(() => ModelVersionEventsArgs) args: ModelVersionEventsArgs,
  ): ModelVersionEventConnectionType {
    refuseFaults(args);
    return this.events.page(args);
  }

  @Authorized<Scope>('models:read')
  @Subscription(() => ModelVersionEventType, {
    topics: TOPIC,
    topicId: ({ args, context }): FollowRequest => ({
      args: Object.assign(new ModelVersionChangedArgs(), args as Partial<ModelVersionChangedArgs>),
      context: context as RequestContext,
    }),
    description:
      'Changes of model versions: in order, none lost, none twice.\nWithout `after`: first one CURRENT event per model with a live version, then changes as they happen.\nWith `after`: every event since, then changes as they happen; after the cursor of a CURRENT event the snapshot is sent again.\n`kinds` filters all of them. A cursor that is no longer kept gets CURSOR_EXPIRED: start again without one.',
  })
  modelVersionChanged(
    @Root() event: ModelVersionEventType,
    @Args(() => ModelVersionChangedArgs) _args: ModelVersionChangedArgs,
  ): ModelVersionEventType {
    return event;
  }
}

/** TypeGraphQL subscribes by topic; here a topic's events are those that its subscriber asked for. */
export function createVersionPubSub(events: VersionEvents): PubSub {
  return {
    publish: () => undefined,
    subscribe: (_topic, request) => {
      const { args, context } = request as FollowRequest;
      refuseFaults(args);
      return events.follow(args, context);
    },
  };
}
