/* eslint-disable */
import * as types from './graphql';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query AllTasks($image: String!, $text: String!, $transaction: FraudScoreInput!) {\n  classifyImage(input: {image: {base64: $image}, topK: 1}) {\n    labels {\n      name\n      confidence\n    }\n    timing {\n      totalMs\n    }\n  }\n  sentiment(input: {text: $text}) {\n    label\n    confidence\n    timing {\n      totalMs\n    }\n  }\n  fraudScore(input: $transaction) {\n    probability\n    riskLevel\n    timing {\n      totalMs\n    }\n  }\n}": typeof types.AllTasksDocument,
    "query ClassifyImage($image: String!, $topK: Int! = 5) {\n  classifyImage(input: {image: {base64: $image}, topK: $topK}) {\n    labels {\n      name\n      confidence\n      definition\n    }\n    image {\n      width\n      height\n      format\n    }\n    servedBy {\n      modelName\n      version\n      role\n    }\n    timing {\n      totalMs\n      preprocessMs\n      queueMs\n      inferenceMs\n      batchSize\n    }\n  }\n}": typeof types.ClassifyImageDocument,
    "query ClassifyImages($images: [ClassifyImageInput!]!) {\n  classifyImageList(inputs: $images) {\n    labels {\n      name\n      confidence\n    }\n    timing {\n      batchSize\n    }\n  }\n}": typeof types.ClassifyImagesDocument,
    "query ClassifyUpload($image: Upload!) {\n  classifyImage(input: {image: {upload: $image}}) {\n    labels {\n      name\n      confidence\n      definition\n    }\n    image {\n      width\n      height\n      format\n      bytes\n    }\n  }\n}": typeof types.ClassifyUploadDocument,
    "query CompareVersions($transaction: FraudScoreInput!, $one: String!, $other: String!) {\n  one: fraudScore(input: $transaction, options: {version: {version: $one}}) {\n    probability\n    riskLevel\n    servedBy {\n      version\n      role\n    }\n  }\n  other: fraudScore(input: $transaction, options: {version: {version: $other}}) {\n    probability\n    riskLevel\n    servedBy {\n      version\n      role\n    }\n  }\n}": typeof types.CompareVersionsDocument,
    "query FraudReasons($transaction: FraudScoreInput!, $first: Int! = 3) {\n  fraudScore(input: $transaction) {\n    probability\n    riskLevel\n    reasons(first: $first) {\n      input\n      value\n      usual\n      effect\n    }\n  }\n}": typeof types.FraudReasonsDocument,
    "query FraudScore($transaction: FraudScoreInput!) {\n  fraudScore(input: $transaction) {\n    probability\n    riskLevel\n    flagged\n    threshold\n    servedBy {\n      modelName\n      version\n    }\n    timing {\n      totalMs\n      inferenceMs\n      batchSize\n    }\n  }\n}": typeof types.FraudScoreDocument,
    "query FraudScores($transactions: [FraudScoreInput!]!) {\n  fraudScoreList(inputs: $transactions) {\n    probability\n    riskLevel\n    timing {\n      batchSize\n    }\n  }\n}": typeof types.FraudScoresDocument,
    "mutation LoadModelVersion($input: LoadModelVersionInput!) {\n  loadModelVersion(input: $input) {\n    modelVersion {\n      version\n      phase\n      isLive\n    }\n  }\n}": typeof types.LoadModelVersionDocument,
    "query ModelCard($name: String!) {\n  model(name: $name) {\n    description\n    live {\n      version\n      sha256\n      sizeBytes\n      inputs {\n        name\n        type\n        shape\n      }\n      outputs {\n        name\n        type\n        shape\n      }\n      goldenGate {\n        examples\n        passed\n        worstDifference\n        tolerance\n      }\n      card {\n        summary\n        intendedUse\n        limits\n        license\n        source\n        metrics {\n          name\n          dataset\n          value\n        }\n      }\n    }\n  }\n}": typeof types.ModelCardDocument,
    "query Models($task: Task) {\n  models(task: $task) {\n    name\n    task\n    description\n    isDefault\n    live {\n      version\n      loadedAt\n      statistics {\n        predictions\n        failures\n        batches\n        meanBatchSize\n        p50Ms\n        p99Ms\n      }\n    }\n    versions {\n      version\n      phase\n      isLive\n      failure {\n        during\n        message\n      }\n    }\n  }\n}": typeof types.ModelsDocument,
    "mutation PromoteModelVersion($input: PromoteModelVersionInput!) {\n  promoteModelVersion(input: $input) {\n    model {\n      name\n      live {\n        version\n      }\n      previous {\n        version\n      }\n    }\n    event {\n      kind\n      at\n      actor\n    }\n  }\n}": typeof types.PromoteModelVersionDocument,
    "mutation RollbackModel($input: RollbackModelInput!) {\n  rollbackModel(input: $input) {\n    model {\n      name\n      live {\n        version\n      }\n      previous {\n        version\n      }\n    }\n    event {\n      kind\n      at\n      actor\n    }\n  }\n}": typeof types.RollbackModelDocument,
    "query Sentiment($text: String!) {\n  sentiment(input: {text: $text}) {\n    label\n    confidence\n    score\n    tokens\n    truncated\n    servedBy {\n      modelName\n      version\n    }\n    timing {\n      totalMs\n      inferenceMs\n      batchSize\n    }\n  }\n}": typeof types.SentimentDocument,
    "query Sentiments($texts: [SentimentInput!]!) {\n  sentimentList(inputs: $texts) {\n    label\n    confidence\n    timing {\n      batchSize\n    }\n  }\n}": typeof types.SentimentsDocument,
    "mutation UnloadModelVersion($input: UnloadModelVersionInput!) {\n  unloadModelVersion(input: $input) {\n    modelVersion {\n      version\n      phase\n      isLive\n    }\n  }\n}": typeof types.UnloadModelVersionDocument,
    "query VersionEvents($model: String, $kinds: [ModelVersionEventKind!], $last: Int, $before: String) {\n  modelVersionEvents(model: $model, kinds: $kinds, last: $last, before: $before) {\n    nodes {\n      at\n      kind\n      modelName\n      version\n      previousVersion\n      reason\n      actor\n    }\n    pageInfo {\n      hasPreviousPage\n      startCursor\n    }\n  }\n}": typeof types.VersionEventsDocument,
    "query Viewer {\n  viewer {\n    name\n    scopes\n    limits {\n      maxBodyBytes\n      maxImagePixels\n      maxTextCharacters\n      maxListItems\n      maxQueryCost\n      requestsPerSecond\n      concurrentRequests\n      subscriptions\n    }\n  }\n}": typeof types.ViewerDocument,
    "subscription WatchVersions($model: String, $kinds: [ModelVersionEventKind!], $after: String) {\n  modelVersionChanged(model: $model, kinds: $kinds, after: $after) {\n    cursor\n    at\n    kind\n    modelName\n    version\n    previousVersion\n    traffic {\n      role\n      percent\n    }\n    reason\n    actor\n  }\n}": typeof types.WatchVersionsDocument,
};
const documents: Documents = {
    "query AllTasks($image: String!, $text: String!, $transaction: FraudScoreInput!) {\n  classifyImage(input: {image: {base64: $image}, topK: 1}) {\n    labels {\n      name\n      confidence\n    }\n    timing {\n      totalMs\n    }\n  }\n  sentiment(input: {text: $text}) {\n    label\n    confidence\n    timing {\n      totalMs\n    }\n  }\n  fraudScore(input: $transaction) {\n    probability\n    riskLevel\n    timing {\n      totalMs\n    }\n  }\n}": types.AllTasksDocument,
    "query ClassifyImage($image: String!, $topK: Int! = 5) {\n  classifyImage(input: {image: {base64: $image}, topK: $topK}) {\n    labels {\n      name\n      confidence\n      definition\n    }\n    image {\n      width\n      height\n      format\n    }\n    servedBy {\n      modelName\n      version\n      role\n    }\n    timing {\n      totalMs\n      preprocessMs\n      queueMs\n      inferenceMs\n      batchSize\n    }\n  }\n}": types.ClassifyImageDocument,
    "query ClassifyImages($images: [ClassifyImageInput!]!) {\n  classifyImageList(inputs: $images) {\n    labels {\n      name\n      confidence\n    }\n    timing {\n      batchSize\n    }\n  }\n}": types.ClassifyImagesDocument,
    "query ClassifyUpload($image: Upload!) {\n  classifyImage(input: {image: {upload: $image}}) {\n    labels {\n      name\n      confidence\n      definition\n    }\n    image {\n      width\n      height\n      format\n      bytes\n    }\n  }\n}": types.ClassifyUploadDocument,
    "query CompareVersions($transaction: FraudScoreInput!, $one: String!, $other: String!) {\n  one: fraudScore(input: $transaction, options: {version: {version: $one}}) {\n    probability\n    riskLevel\n    servedBy {\n      version\n      role\n    }\n  }\n  other: fraudScore(input: $transaction, options: {version: {version: $other}}) {\n    probability\n    riskLevel\n    servedBy {\n      version\n      role\n    }\n  }\n}": types.CompareVersionsDocument,
    "query FraudReasons($transaction: FraudScoreInput!, $first: Int! = 3) {\n  fraudScore(input: $transaction) {\n    probability\n    riskLevel\n    reasons(first: $first) {\n      input\n      value\n      usual\n      effect\n    }\n  }\n}": types.FraudReasonsDocument,
    "query FraudScore($transaction: FraudScoreInput!) {\n  fraudScore(input: $transaction) {\n    probability\n    riskLevel\n    flagged\n    threshold\n    servedBy {\n      modelName\n      version\n    }\n    timing {\n      totalMs\n      inferenceMs\n      batchSize\n    }\n  }\n}": types.FraudScoreDocument,
    "query FraudScores($transactions: [FraudScoreInput!]!) {\n  fraudScoreList(inputs: $transactions) {\n    probability\n    riskLevel\n    timing {\n      batchSize\n    }\n  }\n}": types.FraudScoresDocument,
    "mutation LoadModelVersion($input: LoadModelVersionInput!) {\n  loadModelVersion(input: $input) {\n    modelVersion {\n      version\n      phase\n      isLive\n    }\n  }\n}": types.LoadModelVersionDocument,
    "query ModelCard($name: String!) {\n  model(name: $name) {\n    description\n    live {\n      version\n      sha256\n      sizeBytes\n      inputs {\n        name\n        type\n        shape\n      }\n      outputs {\n        name\n        type\n        shape\n      }\n      goldenGate {\n        examples\n        passed\n        worstDifference\n        tolerance\n      }\n      card {\n        summary\n        intendedUse\n        limits\n        license\n        source\n        metrics {\n          name\n          dataset\n          value\n        }\n      }\n    }\n  }\n}": types.ModelCardDocument,
    "query Models($task: Task) {\n  models(task: $task) {\n    name\n    task\n    description\n    isDefault\n    live {\n      version\n      loadedAt\n      statistics {\n        predictions\n        failures\n        batches\n        meanBatchSize\n        p50Ms\n        p99Ms\n      }\n    }\n    versions {\n      version\n      phase\n      isLive\n      failure {\n        during\n        message\n      }\n    }\n  }\n}": types.ModelsDocument,
    "mutation PromoteModelVersion($input: PromoteModelVersionInput!) {\n  promoteModelVersion(input: $input) {\n    model {\n      name\n      live {\n        version\n      }\n      previous {\n        version\n      }\n    }\n    event {\n      kind\n      at\n      actor\n    }\n  }\n}": types.PromoteModelVersionDocument,
    "mutation RollbackModel($input: RollbackModelInput!) {\n  rollbackModel(input: $input) {\n    model {\n      name\n      live {\n        version\n      }\n      previous {\n        version\n      }\n    }\n    event {\n      kind\n      at\n      actor\n    }\n  }\n}": types.RollbackModelDocument,
    "query Sentiment($text: String!) {\n  sentiment(input: {text: $text}) {\n    label\n    confidence\n    score\n    tokens\n    truncated\n    servedBy {\n      modelName\n      version\n    }\n    timing {\n      totalMs\n      inferenceMs\n      batchSize\n    }\n  }\n}": types.SentimentDocument,
    "query Sentiments($texts: [SentimentInput!]!) {\n  sentimentList(inputs: $texts) {\n    label\n    confidence\n    timing {\n      batchSize\n    }\n  }\n}": types.SentimentsDocument,
    "mutation UnloadModelVersion($input: UnloadModelVersionInput!) {\n  unloadModelVersion(input: $input) {\n    modelVersion {\n      version\n      phase\n      isLive\n    }\n  }\n}": types.UnloadModelVersionDocument,
    "query VersionEvents($model: String, $kinds: [ModelVersionEventKind!], $last: Int, $before: String) {\n  modelVersionEvents(model: $model, kinds: $kinds, last: $last, before: $before) {\n    nodes {\n      at\n      kind\n      modelName\n      version\n      previousVersion\n      reason\n      actor\n    }\n    pageInfo {\n      hasPreviousPage\n      startCursor\n    }\n  }\n}": types.VersionEventsDocument,
    "query Viewer {\n  viewer {\n    name\n    scopes\n    limits {\n      maxBodyBytes\n      maxImagePixels\n      maxTextCharacters\n      maxListItems\n      maxQueryCost\n      requestsPerSecond\n      concurrentRequests\n      subscriptions\n    }\n  }\n}": types.ViewerDocument,
    "subscription WatchVersions($model: String, $kinds: [ModelVersionEventKind!], $after: String) {\n  modelVersionChanged(model: $model, kinds: $kinds, after: $after) {\n    cursor\n    at\n    kind\n    modelName\n    version\n    previousVersion\n    traffic {\n      role\n      percent\n    }\n    reason\n    actor\n  }\n}": types.WatchVersionsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query AllTasks($image: String!, $text: String!, $transaction: FraudScoreInput!) {\n  classifyImage(input: {image: {base64: $image}, topK: 1}) {\n    labels {\n      name\n      confidence\n    }\n    timing {\n      totalMs\n    }\n  }\n  sentiment(input: {text: $text}) {\n    label\n    confidence\n    timing {\n      totalMs\n    }\n  }\n  fraudScore(input: $transaction) {\n    probability\n    riskLevel\n    timing {\n      totalMs\n    }\n  }\n}"): typeof import('./graphql').AllTasksDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ClassifyImage($image: String!, $topK: Int! = 5) {\n  classifyImage(input: {image: {base64: $image}, topK: $topK}) {\n    labels {\n      name\n      confidence\n      definition\n    }\n    image {\n      width\n      height\n      format\n    }\n    servedBy {\n      modelName\n      version\n      role\n    }\n    timing {\n      totalMs\n      preprocessMs\n      queueMs\n      inferenceMs\n      batchSize\n    }\n  }\n}"): typeof import('./graphql').ClassifyImageDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ClassifyImages($images: [ClassifyImageInput!]!) {\n  classifyImageList(inputs: $images) {\n    labels {\n      name\n      confidence\n    }\n    timing {\n      batchSize\n    }\n  }\n}"): typeof import('./graphql').ClassifyImagesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ClassifyUpload($image: Upload!) {\n  classifyImage(input: {image: {upload: $image}}) {\n    labels {\n      name\n      confidence\n      definition\n    }\n    image {\n      width\n      height\n      format\n      bytes\n    }\n  }\n}"): typeof import('./graphql').ClassifyUploadDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CompareVersions($transaction: FraudScoreInput!, $one: String!, $other: String!) {\n  one: fraudScore(input: $transaction, options: {version: {version: $one}}) {\n    probability\n    riskLevel\n    servedBy {\n      version\n      role\n    }\n  }\n  other: fraudScore(input: $transaction, options: {version: {version: $other}}) {\n    probability\n    riskLevel\n    servedBy {\n      version\n      role\n    }\n  }\n}"): typeof import('./graphql').CompareVersionsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query FraudReasons($transaction: FraudScoreInput!, $first: Int! = 3) {\n  fraudScore(input: $transaction) {\n    probability\n    riskLevel\n    reasons(first: $first) {\n      input\n      value\n      usual\n      effect\n    }\n  }\n}"): typeof import('./graphql').FraudReasonsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query FraudScore($transaction: FraudScoreInput!) {\n  fraudScore(input: $transaction) {\n    probability\n    riskLevel\n    flagged\n    threshold\n    servedBy {\n      modelName\n      version\n    }\n    timing {\n      totalMs\n      inferenceMs\n      batchSize\n    }\n  }\n}"): typeof import('./graphql').FraudScoreDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query FraudScores($transactions: [FraudScoreInput!]!) {\n  fraudScoreList(inputs: $transactions) {\n    probability\n    riskLevel\n    timing {\n      batchSize\n    }\n  }\n}"): typeof import('./graphql').FraudScoresDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation LoadModelVersion($input: LoadModelVersionInput!) {\n  loadModelVersion(input: $input) {\n    modelVersion {\n      version\n      phase\n      isLive\n    }\n  }\n}"): typeof import('./graphql').LoadModelVersionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ModelCard($name: String!) {\n  model(name: $name) {\n    description\n    live {\n      version\n      sha256\n      sizeBytes\n      inputs {\n        name\n        type\n        shape\n      }\n      outputs {\n        name\n        type\n        shape\n      }\n      goldenGate {\n        examples\n        passed\n        worstDifference\n        tolerance\n      }\n      card {\n        summary\n        intendedUse\n        limits\n        license\n        source\n        metrics {\n          name\n          dataset\n          value\n        }\n      }\n    }\n  }\n}"): typeof import('./graphql').ModelCardDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Models($task: Task) {\n  models(task: $task) {\n    name\n    task\n    description\n    isDefault\n    live {\n      version\n      loadedAt\n      statistics {\n        predictions\n        failures\n        batches\n        meanBatchSize\n        p50Ms\n        p99Ms\n      }\n    }\n    versions {\n      version\n      phase\n      isLive\n      failure {\n        during\n        message\n      }\n    }\n  }\n}"): typeof import('./graphql').ModelsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation PromoteModelVersion($input: PromoteModelVersionInput!) {\n  promoteModelVersion(input: $input) {\n    model {\n      name\n      live {\n        version\n      }\n      previous {\n        version\n      }\n    }\n    event {\n      kind\n      at\n      actor\n    }\n  }\n}"): typeof import('./graphql').PromoteModelVersionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation RollbackModel($input: RollbackModelInput!) {\n  rollbackModel(input: $input) {\n    model {\n      name\n      live {\n        version\n      }\n      previous {\n        version\n      }\n    }\n    event {\n      kind\n      at\n      actor\n    }\n  }\n}"): typeof import('./graphql').RollbackModelDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Sentiment($text: String!) {\n  sentiment(input: {text: $text}) {\n    label\n    confidence\n    score\n    tokens\n    truncated\n    servedBy {\n      modelName\n      version\n    }\n    timing {\n      totalMs\n      inferenceMs\n      batchSize\n    }\n  }\n}"): typeof import('./graphql').SentimentDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Sentiments($texts: [SentimentInput!]!) {\n  sentimentList(inputs: $texts) {\n    label\n    confidence\n    timing {\n      batchSize\n    }\n  }\n}"): typeof import('./graphql').SentimentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation UnloadModelVersion($input: UnloadModelVersionInput!) {\n  unloadModelVersion(input: $input) {\n    modelVersion {\n      version\n      phase\n      isLive\n    }\n  }\n}"): typeof import('./graphql').UnloadModelVersionDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query VersionEvents($model: String, $kinds: [ModelVersionEventKind!], $last: Int, $before: String) {\n  modelVersionEvents(model: $model, kinds: $kinds, last: $last, before: $before) {\n    nodes {\n      at\n      kind\n      modelName\n      version\n      previousVersion\n      reason\n      actor\n    }\n    pageInfo {\n      hasPreviousPage\n      startCursor\n    }\n  }\n}"): typeof import('./graphql').VersionEventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Viewer {\n  viewer {\n    name\n    scopes\n    limits {\n      maxBodyBytes\n      maxImagePixels\n      maxTextCharacters\n      maxListItems\n      maxQueryCost\n      requestsPerSecond\n      concurrentRequests\n      subscriptions\n    }\n  }\n}"): typeof import('./graphql').ViewerDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription WatchVersions($model: String, $kinds: [ModelVersionEventKind!], $after: String) {\n  modelVersionChanged(model: $model, kinds: $kinds, after: $after) {\n    cursor\n    at\n    kind\n    modelName\n    version\n    previousVersion\n    traffic {\n      role\n      percent\n    }\n    reason\n    actor\n  }\n}"): typeof import('./graphql').WatchVersionsDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
