/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** A picture to be classified. */
export type ClassifyImageInput = {
  /** The picture. */
  readonly image: ImageSource;
  /** 0 to 1: leave out less likely labels. */
  readonly minConfidence?: number;
  /** How many labels at most: 1 to 100. */
  readonly topK?: number;
};

/** The card holder's earlier transactions, this one not counted. */
export type CustomerHistoryInput = {
  /** The last 24 hours. */
  readonly last1Day: SpendingInput;
  /** The last 7 days: at least as many transactions as last1Day. */
  readonly last7Days: SpendingInput;
  /** The last 30 days: at least as many transactions as last7Days. */
  readonly last30Days: SpendingInput;
};

/** A card transaction to be judged. */
export type FraudScoreInput = {
  /** In the account's currency: over 0, at most 1000000000000. */
  readonly amount: number;
  /** The card holder's earlier transactions, this one not counted. */
  readonly customer: CustomerHistoryInput;
  /** Clock time where the card was used: hour and weekday matter. */
  readonly occurredAt: string;
  /** What is known of the terminal; fraud is known late, so these windows end 7 days ago. */
  readonly terminal: TerminalHistoryInput;
};

/** JPEG, PNG, WebP or GIF (first frame): exactly one of the ways to send it. */
export type ImageSource =
  {   /** Base64, with or without a data: prefix. */
  readonly base64: string; readonly upload?: never; readonly url?: never; }
  |  { readonly base64?: never;   /** A file of a multipart request. */
  readonly upload: Blob; readonly url?: never; }
  |  { readonly base64?: never; readonly upload?: never;   /** Fetched by the server, only from hosts it was told to allow. */
  readonly url: string; };

/** Loads a version, also one that failed before. */
export type LoadModelVersionInput = {
  /** The model's name. */
  readonly model: string;
  /** Why, for the event: at most 1000 characters. */
  readonly reason?: string | null | undefined;
  /** The version's name. */
  readonly version: string;
};

/** What happened to a version. More kinds may come. */
export type ModelVersionEventKind =
  /** Nothing happened: the version that is live as the subscription begins. */
  | 'CURRENT'
  /** It appeared in the store. */
  | 'DISCOVERED'
  /** It takes no new requests and finishes those it has. */
  | 'DRAINING'
  /** It did not pass a gate, or a change of its files was refused; reason says why. */
  | 'FAILED'
  /** The engine processes are loading it. */
  | 'LOADING'
  /** It is live. */
  | 'PROMOTED'
  /** It has passed all gates and answers when named. */
  | 'READY'
  /** Its folder is gone from the store. */
  | 'REMOVED'
  /** It is live again; previousVersion was taken back. */
  | 'ROLLED_BACK'
  /** Its share as canary or shadow changed. */
  | 'TRAFFIC_CHANGED'
  /** Its memory is free again. */
  | 'UNLOADED'
  /** Its files are being checked. */
  | 'VERIFYING'
  /** It runs its first batches and its golden examples. */
  | 'WARMING';

/** Makes a ready version live. */
export type PromoteModelVersionInput = {
  /** The model's name. */
  readonly model: string;
  /** Why, for the event: at most 1000 characters. */
  readonly reason?: string | null | undefined;
  /** The version's name. */
  readonly version: string;
};

/** How worrying a transaction is, by the limits of the version that answered. */
export type RiskLevel =
  /** Flagged: the probability reaches the threshold. */
  | 'HIGH'
  /** Below the limit for MEDIUM. */
  | 'LOW'
  /** Worth a look, not flagged. */
  | 'MEDIUM';

/** Returns to the version that was live before. */
export type RollbackModelInput = {
  /** The model's name. */
  readonly model: string;
  /** Why, for the event: at most 1000 characters. */
  readonly reason?: string | null | undefined;
};

/** A text to be judged. */
export type SentimentInput = {
  /** 1 to 10000 characters, not blank. English is what the shipped model reads. */
  readonly text: string;
};

/** Whether a text speaks well or ill of its subject. */
export type SentimentLabel =
  /** It speaks ill of it. */
  | 'NEGATIVE'
  /** It speaks well of it. */
  | 'POSITIVE';

/** How a version came to answer. */
export type ServingRole =
  /** It got this request as its share of the canary. */
  | 'CANARY'
  /** It is the live version. */
  | 'LIVE'
  /** The client named it. */
  | 'PINNED';

/** What a card holder spent in a window that ends now. averageAmount is 0 where there are no transactions. */
export type SpendingInput = {
  /** Mean amount in the account's currency: 0 to 1000000000000. */
  readonly averageAmount: number;
  /** How many; 0 or more. */
  readonly transactions: number;
};

/** What models can be asked. */
export type Task =
  /** What an image shows. */
  | 'CLASSIFY_IMAGE'
  /** How likely a card transaction is to be fraudulent. */
  | 'FRAUD_SCORE'
  /** Whether a text speaks well or ill of its subject. */
  | 'SENTIMENT';

/** What is known of the terminal; fraud is known late, so these windows end 7 days ago. */
export type TerminalHistoryInput = {
  /** 1 day, ending 7 days ago. */
  readonly last1Day: TerminalRiskInput;
  /** 7 days, ending 7 days ago: at least as many transactions as last1Day. */
  readonly last7Days: TerminalRiskInput;
  /** 30 days, ending 7 days ago: at least as many transactions as last7Days. */
  readonly last30Days: TerminalRiskInput;
};

/** What a terminal saw in a window. */
export type TerminalRiskInput = {
  /** Share of them that were fraudulent: 0 to 1, and 0 where there are none. */
  readonly fraudShare: number;
  /** How many; 0 or more. */
  readonly transactions: number;
};

/** What a version gets requests for besides being live. */
export type TrafficRole =
  /** It answers its share. */
  | 'CANARY'
  /** It is computed beside the live version. */
  | 'SHADOW';

/** Unloads a version that is not live. */
export type UnloadModelVersionInput = {
  /** The model's name. */
  readonly model: string;
  /** Why, for the event: at most 1000 characters. */
  readonly reason?: string | null | undefined;
  /** The version's name. */
  readonly version: string;
};

/** Where a version stands between the store and its answers. */
export type VersionPhase =
  /** It answers what it has accepted and is unloaded then. */
  | 'DRAINING'
  /** It did not pass a gate; failure says which and why. */
  | 'FAILED'
  /** The engine processes load it. */
  | 'LOADING'
  /** It answers when it is live or named. */
  | 'READY'
  /** It is in the store but not in memory. */
  | 'UNLOADED'
  /** Its files are checked: complete, right checksums, right signature. */
  | 'VERIFYING'
  /** It runs its first batches and its golden examples. */
  | 'WARMING';

export type AllTasksQueryVariables = Exact<{
  image: string;
  text: string;
  transaction: FraudScoreInput;
}>;


export type AllTasksQuery = { readonly classifyImage: { readonly labels: ReadonlyArray<{ readonly name: string, readonly confidence: number }>, readonly timing: { readonly totalMs: number } } | null, readonly sentiment: { readonly label: SentimentLabel, readonly confidence: number, readonly timing: { readonly totalMs: number } } | null, readonly fraudScore: { readonly probability: number, readonly riskLevel: RiskLevel, readonly timing: { readonly totalMs: number } } | null };

export type ClassifyImageQueryVariables = Exact<{
  image: string;
  topK?: number;
}>;


export type ClassifyImageQuery = { readonly classifyImage: { readonly labels: ReadonlyArray<{ readonly name: string, readonly confidence: number, readonly definition: string | null }>, readonly image: { readonly width: number, readonly height: number, readonly format: string }, readonly servedBy: { readonly modelName: string, readonly version: string, readonly role: ServingRole }, readonly timing: { readonly totalMs: number, readonly preprocessMs: number, readonly queueMs: number, readonly inferenceMs: number, readonly batchSize: number } } | null };

export type ClassifyImagesQueryVariables = Exact<{
  images: ReadonlyArray<ClassifyImageInput> | ClassifyImageInput;
}>;


export type ClassifyImagesQuery = { readonly classifyImageList: ReadonlyArray<{ readonly labels: ReadonlyArray<{ readonly name: string, readonly confidence: number }>, readonly timing: { readonly batchSize: number } } | null> | null };

export type ClassifyUploadQueryVariables = Exact<{
  image: Blob;
}>;


export type ClassifyUploadQuery = { readonly classifyImage: { readonly labels: ReadonlyArray<{ readonly name: string, readonly confidence: number, readonly definition: string | null }>, readonly image: { readonly width: number, readonly height: number, readonly format: string, readonly bytes: number } } | null };

export type CompareVersionsQueryVariables = Exact<{
  transaction: FraudScoreInput;
  one: string;
  other: string;
}>;


export type CompareVersionsQuery = { readonly one: { readonly probability: number, readonly riskLevel: RiskLevel, readonly servedBy: { readonly version: string, readonly role: ServingRole } } | null, readonly other: { readonly probability: number, readonly riskLevel: RiskLevel, readonly servedBy: { readonly version: string, readonly role: ServingRole } } | null };

export type FraudReasonsQueryVariables = Exact<{
  transaction: FraudScoreInput;
  first?: number;
}>;


export type FraudReasonsQuery = { readonly fraudScore: { readonly probability: number, readonly riskLevel: RiskLevel, readonly reasons: ReadonlyArray<{ readonly input: string, readonly value: number | null, readonly usual: number | null, readonly effect: number }> | null } | null };

export type FraudScoreQueryVariables = Exact<{
  transaction: FraudScoreInput;
}>;


export type FraudScoreQuery = { readonly fraudScore: { readonly probability: number, readonly riskLevel: RiskLevel, readonly flagged: boolean, readonly threshold: number, readonly servedBy: { readonly modelName: string, readonly version: string }, readonly timing: { readonly totalMs: number, readonly inferenceMs: number, readonly batchSize: number } } | null };

export type FraudScoresQueryVariables = Exact<{
  transactions: ReadonlyArray<FraudScoreInput> | FraudScoreInput;
}>;


export type FraudScoresQuery = { readonly fraudScoreList: ReadonlyArray<{ readonly probability: number, readonly riskLevel: RiskLevel, readonly timing: { readonly batchSize: number } } | null> | null };

export type LoadModelVersionMutationVariables = Exact<{
  input: LoadModelVersionInput;
}>;


export type LoadModelVersionMutation = { readonly loadModelVersion: { readonly modelVersion: { readonly version: string, readonly phase: VersionPhase, readonly isLive: boolean } } | null };

export type ModelCardQueryVariables = Exact<{
  name: string;
}>;


export type ModelCardQuery = { readonly model: { readonly description: string, readonly live: { readonly version: string, readonly sha256: string | null, readonly sizeBytes: number | null, readonly inputs: ReadonlyArray<{ readonly name: string, readonly type: string, readonly shape: ReadonlyArray<number | null> }> | null, readonly outputs: ReadonlyArray<{ readonly name: string, readonly type: string, readonly shape: ReadonlyArray<number | null> }> | null, readonly goldenGate: { readonly examples: number, readonly passed: number, readonly worstDifference: number, readonly tolerance: number } | null, readonly card: { readonly summary: string, readonly intendedUse: string, readonly limits: string, readonly license: string, readonly source: string, readonly metrics: ReadonlyArray<{ readonly name: string, readonly dataset: string, readonly value: number }> } | null } | null } | null };

export type ModelsQueryVariables = Exact<{
  task?: Task | null | undefined;
}>;


export type ModelsQuery = { readonly models: ReadonlyArray<{ readonly name: string, readonly task: Task, readonly description: string, readonly isDefault: boolean, readonly live: { readonly version: string, readonly loadedAt: string | null, readonly statistics: { readonly predictions: number, readonly failures: number, readonly batches: number, readonly meanBatchSize: number | null, readonly p50Ms: number | null, readonly p99Ms: number | null } } | null, readonly versions: ReadonlyArray<{ readonly version: string, readonly phase: VersionPhase, readonly isLive: boolean, readonly failure: { readonly during: VersionPhase, readonly message: string } | null }> }> | null };

export type PromoteModelVersionMutationVariables = Exact<{
  input: PromoteModelVersionInput;
}>;


export type PromoteModelVersionMutation = { readonly promoteModelVersion: { readonly model: { readonly name: string, readonly live: { readonly version: string } | null, readonly previous: { readonly version: string } | null }, readonly event: { readonly kind: ModelVersionEventKind, readonly at: string, readonly actor: string | null } } | null };

export type RollbackModelMutationVariables = Exact<{
  input: RollbackModelInput;
}>;


export type RollbackModelMutation = { readonly rollbackModel: { readonly model: { readonly name: string, readonly live: { readonly version: string } | null, readonly previous: { readonly version: string } | null }, readonly event: { readonly kind: ModelVersionEventKind, readonly at: string, readonly actor: string | null } } | null };

export type SentimentQueryVariables = Exact<{
  text: string;
}>;


export type SentimentQuery = { readonly sentiment: { readonly label: SentimentLabel, readonly confidence: number, readonly score: number, readonly tokens: number, readonly truncated: boolean, readonly servedBy: { readonly modelName: string, readonly version: string }, readonly timing: { readonly totalMs: number, readonly inferenceMs: number, readonly batchSize: number } } | null };

export type SentimentsQueryVariables = Exact<{
  texts: ReadonlyArray<SentimentInput> | SentimentInput;
}>;


export type SentimentsQuery = { readonly sentimentList: ReadonlyArray<{ readonly label: SentimentLabel, readonly confidence: number, readonly timing: { readonly batchSize: number } } | null> | null };

export type UnloadModelVersionMutationVariables = Exact<{
  input: UnloadModelVersionInput;
}>;


export type UnloadModelVersionMutation = { readonly unloadModelVersion: { readonly modelVersion: { readonly version: string, readonly phase: VersionPhase, readonly isLive: boolean } } | null };

export type VersionEventsQueryVariables = Exact<{
  model?: string | null | undefined;
  kinds?: ReadonlyArray<ModelVersionEventKind> | ModelVersionEventKind | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type VersionEventsQuery = { readonly modelVersionEvents: { readonly nodes: ReadonlyArray<{ readonly at: string, readonly kind: ModelVersionEventKind, readonly modelName: string, readonly version: string, readonly previousVersion: string | null, readonly reason: string | null, readonly actor: string | null }>, readonly pageInfo: { readonly hasPreviousPage: boolean, readonly startCursor: string | null } } | null };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { readonly viewer: { readonly name: string | null, readonly scopes: ReadonlyArray<string>, readonly limits: { readonly maxBodyBytes: number, readonly maxImagePixels: number, readonly maxTextCharacters: number, readonly maxListItems: number, readonly maxQueryCost: number, readonly requestsPerSecond: number | null, readonly concurrentRequests: number | null, readonly subscriptions: number | null } } | null };

export type WatchVersionsSubscriptionVariables = Exact<{
  model?: string | null | undefined;
  kinds?: ReadonlyArray<ModelVersionEventKind> | ModelVersionEventKind | null | undefined;
  after?: string | null | undefined;
}>;


export type WatchVersionsSubscription = { readonly modelVersionChanged: { readonly cursor: string, readonly at: string, readonly kind: ModelVersionEventKind, readonly modelName: string, readonly version: string, readonly previousVersion: string | null, readonly reason: string | null, readonly actor: string | null, readonly traffic: { readonly role: TrafficRole, readonly percent: number } | null } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const AllTasksDocument = new TypedDocumentString(`
    query AllTasks($image: String!, $text: String!, $transaction: FraudScoreInput!) {
  classifyImage(input: {image: {base64: $image}, topK: 1}) {
    labels {
      name
      confidence
    }
    timing {
      totalMs
    }
  }
  sentiment(input: {text: $text}) {
    label
    confidence
    timing {
      totalMs
    }
  }
  fraudScore(input: $transaction) {
    probability
    riskLevel
    timing {
      totalMs
    }
  }
}
    `, {"hash":"sha256:82b0db46e58c9d736f284263f3e9fb21758052306190ceaf54865c30419af14b"}) as unknown as TypedDocumentString<AllTasksQuery, AllTasksQueryVariables>;
export const ClassifyImageDocument = new TypedDocumentString(`
    query ClassifyImage($image: String!, $topK: Int! = 5) {
  classifyImage(input: {image: {base64: $image}, topK: $topK}) {
    labels {
      name
      confidence
      definition
    }
    image {
      width
      height
      format
    }
    servedBy {
      modelName
      version
      role
    }
    timing {
      totalMs
      preprocessMs
      queueMs
      inferenceMs
      batchSize
    }
  }
}
    `, {"hash":"sha256:41d377b1385e354bf347454344162d70e07e453348b89c8ec48c1e01d8418ed8"}) as unknown as TypedDocumentString<ClassifyImageQuery, ClassifyImageQueryVariables>;
export const ClassifyImagesDocument = new TypedDocumentString(`
    query ClassifyImages($images: [ClassifyImageInput!]!) {
  classifyImageList(inputs: $images) {
    labels {
      name
      confidence
    }
    timing {
      batchSize
    }
  }
}
    `, {"hash":"sha256:6ffd857b50e4c5c60c7fddb6bf67346552406075a2925efa56328bea1c1c238c"}) as unknown as TypedDocumentString<ClassifyImagesQuery, ClassifyImagesQueryVariables>;
export const ClassifyUploadDocument = new TypedDocumentString(`
    query ClassifyUpload($image: Upload!) {
  classifyImage(input: {image: {upload: $image}}) {
    labels {
      name
      confidence
      definition
    }
    image {
      width
      height
      format
      bytes
    }
  }
}
    `, {"hash":"sha256:6fdfa401ce03085d13ab73a46acf59a44a6215ccb145fdf27d31332ec918f69e"}) as unknown as TypedDocumentString<ClassifyUploadQuery, ClassifyUploadQueryVariables>;
export const CompareVersionsDocument = new TypedDocumentString(`
    query CompareVersions($transaction: FraudScoreInput!, $one: String!, $other: String!) {
  one: fraudScore(input: $transaction, options: {version: {version: $one}}) {
    probability
    riskLevel
    servedBy {
      version
      role
    }
  }
  other: fraudScore(input: $transaction, options: {version: {version: $other}}) {
    probability
    riskLevel
    servedBy {
      version
      role
    }
  }
}
    `, {"hash":"sha256:d674105c0ab5a79928a3391b65e02d3802ffe3d3fbe7fad1bf18d74cf2006ee0"}) as unknown as TypedDocumentString<CompareVersionsQuery, CompareVersionsQueryVariables>;
export const FraudReasonsDocument = new TypedDocumentString(`
    query FraudReasons($transaction: FraudScoreInput!, $first: Int! = 3) {
  fraudScore(input: $transaction) {
    probability
    riskLevel
    reasons(first: $first) {
      input
      value
      usual
      effect
    }
  }
}
    `, {"hash":"sha256:98bf79d6c6e12ec56087fcb6070f1eef36090643280df6f89f18bd8c07449849"}) as unknown as TypedDocumentString<FraudReasonsQuery, FraudReasonsQueryVariables>;
export const FraudScoreDocument = new TypedDocumentString(`
    query FraudScore($transaction: FraudScoreInput!) {
  fraudScore(input: $transaction) {
    probability
    riskLevel
    flagged
    threshold
    servedBy {
      modelName
      version
    }
    timing {
      totalMs
      inferenceMs
      batchSize
    }
  }
}
    `, {"hash":"sha256:df002abcc6374171eca2aa2d76cf4638b702b3aeddba3528e31741d5a8b16b10"}) as unknown as TypedDocumentString<FraudScoreQuery, FraudScoreQueryVariables>;
export const FraudScoresDocument = new TypedDocumentString(`
    query FraudScores($transactions: [FraudScoreInput!]!) {
  fraudScoreList(inputs: $transactions) {
    probability
    riskLevel
    timing {
      batchSize
    }
  }
}
    `, {"hash":"sha256:95a50fead31e43b842b51f79e9994bba3b983f0999473d0d72fda966267af14e"}) as unknown as TypedDocumentString<FraudScoresQuery, FraudScoresQueryVariables>;
export const LoadModelVersionDocument = new TypedDocumentString(`
    mutation LoadModelVersion($input: LoadModelVersionInput!) {
  loadModelVersion(input: $input) {
    modelVersion {
      version
      phase
      isLive
    }
  }
}
    `, {"hash":"sha256:f2bc1077191afe7c1b69ac851b55d07401ac6052f484a3497cc9be3511c29ba0"}) as unknown as TypedDocumentString<LoadModelVersionMutation, LoadModelVersionMutationVariables>;
export const ModelCardDocument = new TypedDocumentString(`
    query ModelCard($name: String!) {
  model(name: $name) {
    description
    live {
      version
      sha256
      sizeBytes
      inputs {
        name
        type
        shape
      }
      outputs {
        name
        type
        shape
      }
      goldenGate {
        examples
        passed
        worstDifference
        tolerance
      }
      card {
        summary
        intendedUse
        limits
        license
        source
        metrics {
          name
          dataset
          value
        }
      }
    }
  }
}
    `, {"hash":"sha256:1789bb934174d3afec72f015c1305b07e723a617535d3f35c1c5a5e344d05fc2"}) as unknown as TypedDocumentString<ModelCardQuery, ModelCardQueryVariables>;
export const ModelsDocument = new TypedDocumentString(`
    query Models($task: Task) {
  models(task: $task) {
    name
    task
    description
    isDefault
    live {
      version
      loadedAt
      statistics {
        predictions
        failures
        batches
        meanBatchSize
        p50Ms
        p99Ms
      }
    }
    versions {
      version
      phase
      isLive
      failure {
        during
        message
      }
    }
  }
}
    `, {"hash":"sha256:b2215ebb495a5695747993c13322ed64e93f13d2bf119daea725f71d2f8d0c40"}) as unknown as TypedDocumentString<ModelsQuery, ModelsQueryVariables>;
export const PromoteModelVersionDocument = new TypedDocumentString(`
    mutation PromoteModelVersion($input: PromoteModelVersionInput!) {
  promoteModelVersion(input: $input) {
    model {
      name
      live {
        version
      }
      previous {
        version
      }
    }
    event {
      kind
      at
      actor
    }
  }
}
    `, {"hash":"sha256:937d8ebc3a2bf27f03f6dc1bee1821bcaed70baba26f2e4635aa7abc4f3b095a"}) as unknown as TypedDocumentString<PromoteModelVersionMutation, PromoteModelVersionMutationVariables>;
export const RollbackModelDocument = new TypedDocumentString(`
    mutation RollbackModel($input: RollbackModelInput!) {
  rollbackModel(input: $input) {
    model {
      name
      live {
        version
      }
      previous {
        version
      }
    }
    event {
      kind
      at
      actor
    }
  }
}
    `, {"hash":"sha256:ccc61f303344c0ffcdf03bf96faa68c2e22d3e56dd3605a9402472b55776a4e1"}) as unknown as TypedDocumentString<RollbackModelMutation, RollbackModelMutationVariables>;
export const SentimentDocument = new TypedDocumentString(`
    query Sentiment($text: String!) {
  sentiment(input: {text: $text}) {
    label
    confidence
    score
    tokens
    truncated
    servedBy {
      modelName
      version
    }
    timing {
      totalMs
      inferenceMs
      batchSize
    }
  }
}
    `, {"hash":"sha256:c2a3ff73a1265ec1e3b3ce622efa5d6b3be69c30b19d269553ebbb3fc7e808ed"}) as unknown as TypedDocumentString<SentimentQuery, SentimentQueryVariables>;
export const SentimentsDocument = new TypedDocumentString(`
    query Sentiments($texts: [SentimentInput!]!) {
  sentimentList(inputs: $texts) {
    label
    confidence
    timing {
      batchSize
    }
  }
}
    `, {"hash":"sha256:7ba2fcc487355053d01147e7e88938ecea098e0d915c1da82e3018ace2bdb057"}) as unknown as TypedDocumentString<SentimentsQuery, SentimentsQueryVariables>;
export const UnloadModelVersionDocument = new TypedDocumentString(`
    mutation UnloadModelVersion($input: UnloadModelVersionInput!) {
  unloadModelVersion(input: $input) {
    modelVersion {
      version
      phase
      isLive
    }
  }
}
    `, {"hash":"sha256:1372538bf67531e71a72f3ef7867a02f7a0f39fd8d21c7f67f62d72c3405ec1a"}) as unknown as TypedDocumentString<UnloadModelVersionMutation, UnloadModelVersionMutationVariables>;
export const VersionEventsDocument = new TypedDocumentString(`
    query VersionEvents($model: String, $kinds: [ModelVersionEventKind!], $last: Int, $before: String) {
  modelVersionEvents(model: $model, kinds: $kinds, last: $last, before: $before) {
    nodes {
      at
      kind
      modelName
      version
      previousVersion
      reason
      actor
    }
    pageInfo {
      hasPreviousPage
      startCursor
    }
  }
}
    `, {"hash":"sha256:9ad9557d074c0aba1bebf76905507a00290eeb14644372730f6df4942dbef885"}) as unknown as TypedDocumentString<VersionEventsQuery, VersionEventsQueryVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    name
    scopes
    limits {
      maxBodyBytes
      maxImagePixels
      maxTextCharacters
      maxListItems
      maxQueryCost
      requestsPerSecond
      concurrentRequests
      subscriptions
    }
  }
}
    `, {"hash":"sha256:a79f68c04faca17a4e768cd514312294167d3b58a1cb9f7f56d713fc9c44ea6d"}) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;
export const WatchVersionsDocument = new TypedDocumentString(`
    subscription WatchVersions($model: String, $kinds: [ModelVersionEventKind!], $after: String) {
  modelVersionChanged(model: $model, kinds: $kinds, after: $after) {
    cursor
    at
    kind
    modelName
    version
    previousVersion
    traffic {
      role
      percent
    }
    reason
    actor
  }
}
    `, {"hash":"sha256:28ecbe06b52a58331dafc3c9cbb8be9cee23387a92ed4a45482c0dfcee4db9a7"}) as unknown as TypedDocumentString<WatchVersionsSubscription, WatchVersionsSubscriptionVariables>;