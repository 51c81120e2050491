import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../context';
import { LimitsType, ViewerType } from './viewer.type';

@Resolver()
export class ViewerResolver {
  constructor(private readonly limits: LimitsType) {}

  @Authorized()
  @Query(() => ViewerType, { nullable: true, description: 'Who asks, what they may do, and the limits they meet.' })
  viewer(@Ctx() { caller }: RequestContext): ViewerType {
    const { name = null, scopes, limits = {} } = caller;
    const own = {
      requestsPerSecond: limits.requestsPerSecond ?? this.limits.requestsPerSecond,
      concurrentRequests: limits.concurrentRequests ?? this.limits.concurrentRequests,
      subscriptions: limits.subscriptions ?? this.limits.subscriptions,
    };
    return { name, scopes: [...scopes], limits: Object.assign(new LimitsType(), this.limits, own) };
  }
}
