import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext, Scope } from '../context';
import { refuseFaults } from '../validate-input';
import type { PointerChange } from './live-pointer';
import {
  LoadModelVersionInput,
  PromoteModelVersionInput,
  RollbackModelInput,
  UnloadModelVersionInput,
} from './model-mutation.input';
import {
  LoadModelVersionPayload,
  PromoteModelVersionPayload,
  RollbackModelPayload,
  UnloadModelVersionPayload,
} from './model-mutation.type';
import type { ModelVersion } from './model-version';
import { ModelVersionType } from './model-version.type';
import { ModelType } from './model.type';
import type { Registry } from './registry';
import type { Cause } from './version-loader';
import type { VersionEvents } from './version-events';

/** Who acts where no key is needed. */
const LOCAL_ACTOR = 'local';

@Resolver()
export class ModelMutationResolver {
  constructor(
    private readonly registry: Registry,
    private readonly events: VersionEvents,
  ) {}

  @Authorized<Scope>('models:write')
  @Mutation(() => PromoteModelVersionPayload, {
    nullable: true,
    description:
      'Makes a ready version live, in one step for all requests. CONFLICT where its phase does not allow it.',
  })
  promoteModelVersion(
    @Arg('input', () => PromoteModelVersionInput, { description: 'Which version, and why.' })
    input: PromoteModelVersionInput,
    @Ctx() context: RequestContext,
  ): PromoteModelVersionPayload {
    refuseFaults(input, 'input');
    return this.show(this.registry.promote(input, causeOf(input, context)));
  }

  @Authorized<Scope>('models:write')
  @Mutation(() => RollbackModelPayload, {
    nullable: true,
    description:
      'Returns to the version that was live before. Twice goes back twice, and never to a version that was rolled back from.',
  })
  rollbackModel(
    @Arg('input', () => RollbackModelInput, { description: 'Which model, and why.' }) input: RollbackModelInput,
    @Ctx() context: RequestContext,
  ): RollbackModelPayload {
    refuseFaults(input, 'input');
    return this.show(this.registry.rollBack(input.model, causeOf(input, context)));
  }

  @Authorized<Scope>('models:write')
  @Mutation(() => LoadModelVersionPayload, {
    nullable: true,
    description: 'Answers at once, with the version in phase VERIFYING; events tell the rest.',
  })
  loadModelVersion(
    @Arg('input', () => LoadModelVersionInput, { description: 'Which version, and why.' })
    input: LoadModelVersionInput,
    @Ctx() context: RequestContext,
  ): LoadModelVersionPayload {
    refuseFaults(input, 'input');
    return { modelVersion: this.showVersion(this.registry.load(input, causeOf(input, context))) };
  }

  @Authorized<Scope>('models:write')
  @Mutation(() => UnloadModelVersionPayload, {
    nullable: true,
    description: 'Answers at once; requests that the version has accepted are finished. CONFLICT for the live version.',
  })
  unloadModelVersion(
    @Arg('input', () => UnloadModelVersionInput, { description: 'Which version, and why.' })
    input: UnloadModelVersionInput,
    @Ctx() context: RequestContext,
  ): UnloadModelVersionPayload {
    refuseFaults(input, 'input');
    return { modelVersion: this.showVersion(this.registry.unload(input, causeOf(input, context))) };
  }

  private show({ model, event }: PointerChange): PromoteModelVersionPayload {
    return { model: new ModelType(model), event: this.events.show(event) };
  }

  private showVersion(version: ModelVersion): ModelVersionType {
    return new ModelVersionType(this.registry.requireModel(version.modelName), version);
  }
}

function causeOf({ reason }: { readonly reason?: string | null }, { caller }: RequestContext): Cause {
  return { reason: reason ?? undefined, actor: caller.name ?? LOCAL_ACTOR };
}
