import type { Operation } from './graphql';

export interface VersionAnswer {
  readonly version: string;
  readonly phase: string;
  readonly isLive: boolean;
  readonly failure: {
    readonly during: string;
    readonly code: string;
    readonly message: string;
    readonly at: string;
  } | null;
  readonly sha256: string | null;
  readonly inputs: readonly unknown[] | null;
  readonly goldenGate: { readonly examples: number; readonly passed: number } | null;
  readonly card: { readonly summary: string } | null;
}
export interface VersionsOfModel {
  readonly name: string;
  readonly live: { readonly version: string } | null;
  readonly previous: { readonly version: string } | null;
  readonly versions: readonly VersionAnswer[];
}
export interface EventAnswer {
  readonly cursor: string;
  readonly kind: string;
  readonly modelName: string;
  readonly version: string;
  readonly previousVersion: string | null;
  readonly reason: string | null;
  readonly actor: string | null;
  readonly modelVersion?: { readonly phase: string; readonly isLive: boolean } | null;
}

export const EVENT = 'cursor at kind modelName version previousVersion reason actor modelVersion { phase isLive }';

export const LIST_VERSIONS: Operation<{ readonly models: readonly VersionsOfModel[] }> = {
  text: `{
    models {
      id name task description isDefault promotion live { version } previous { version }
      versions {
        id version phase isLive failure { during code message at } sha256 sizeBytes loadedAt
        inputs { name type shape } outputs { name type shape } labels
        goldenGate { examples passed worstDifference tolerance at }
        card { summary intendedUse limits license source metrics { name dataset value } }
        statistics { predictions failures batches }
      }
    }
  }`,
};

interface PointerAnswer {
  readonly model: {
    readonly live: { readonly version: string } | null;
    readonly previous: { readonly version: string } | null;
  };
  readonly event: EventAnswer;
}
export const PROMOTE: Operation<{ readonly promoteModelVersion: PointerAnswer | null }> = {
  text: `mutation ($input: PromoteModelVersionInput!) {
    promoteModelVersion(input: $input) { model { live { version } previous { version } } event { ${EVENT} } }
  }`,
};
export const ROLL_BACK: Operation<{ readonly rollbackModel: PointerAnswer | null }> = {
  text: `mutation ($input: RollbackModelInput!) {
    rollbackModel(input: $input) { model { live { version } previous { version } } event { ${EVENT} } }
  }`,
};
interface PhaseAnswer {
  readonly modelVersion: { readonly version: string; readonly phase: string };
}
export const LOAD: Operation<{ readonly loadModelVersion: PhaseAnswer | null }> = {
  text: 'mutation ($input: LoadModelVersionInput!) { loadModelVersion(input: $input) { modelVersion { version phase } } }',
};
export const UNLOAD: Operation<{ readonly unloadModelVersion: PhaseAnswer | null }> = {
  text: 'mutation ($input: UnloadModelVersionInput!) { unloadModelVersion(input: $input) { modelVersion { version phase } } }',
};
export const READ_EVENTS: Operation<{
  readonly modelVersionEvents: {
    readonly nodes: readonly EventAnswer[];
    readonly pageInfo: {
      readonly hasNextPage: boolean;
      readonly hasPreviousPage: boolean;
      readonly startCursor: string | null;
      readonly endCursor: string | null;
    };
  } | null;
}> = {
  text: `query ($model: String, $kinds: [ModelVersionEventKind!], $first: Int, $after: String, $last: Int, $before: String) {
    modelVersionEvents(model: $model, kinds: $kinds, first: $first, after: $after, last: $last, before: $before) {
      nodes { ${EVENT} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`,
};
