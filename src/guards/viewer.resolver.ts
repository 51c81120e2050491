import { Ctx, Query, Resolver } from 'type-graphql';
import type { RequestContext } from '../context';
import { ViewerType, type LimitsType } from './viewer.type';

@Resolver()
export class ViewerResolver {
  constructor(private readonly limits: LimitsType) {}

  @Query(() => ViewerType, { nullable: true, description: 'Who asks, what they may do, and the limits they meet.' })
  viewer(@Ctx() { caller }: RequestContext): ViewerType {
    return { name: caller.name ?? null, scopes: [...caller.scopes], limits: this.limits };
  }
}
