import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import type { Caller, RequestContext } from '../context';
import { ViewerType, type LimitsType } from './viewer.type';

@Resolver()
export class ViewerResolver {
  /** @param limitsOf what a caller meets when it asks too much */
  constructor(private readonly limitsOf: (caller: Caller) => LimitsType) {}

  @Authorized()
  @Query(() => ViewerType, { nullable: true, description: 'Who asks, what they may do, and the limits they meet.' })
  viewer(@Ctx() { caller }: RequestContext): ViewerType {
    const { name = null, scopes } = caller;
    return { name, scopes: [...scopes], limits: this.limitsOf(caller) };
  }
}
