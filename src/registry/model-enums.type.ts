import { registerEnumType } from 'type-graphql';

/** Values are the names used inside, so that nothing needs translating. */
export enum TaskEnum {
  CLASSIFY_IMAGE = 'classify-image',
  SENTIMENT = 'sentiment',
  FRAUD_SCORE = 'fraud-score',
}
registerEnumType(TaskEnum, {
  name: 'Task',
  description: 'What models can be asked.',
  valuesConfig: {
    CLASSIFY_IMAGE: { description: 'What an image shows.' },
    SENTIMENT: { description: 'Whether a text speaks well or ill of its subject.' },
    FRAUD_SCORE: { description: 'How likely a card transaction is to be fraudulent.' },
  },
});

export enum PromotionPolicyEnum {
  MANUAL = 'manual',
  AUTOMATIC = 'automatic',
}
registerEnumType(PromotionPolicyEnum, {
  name: 'PromotionPolicy',
  description: 'How a newer version goes live.',
  valuesConfig: {
    MANUAL: { description: 'A person promotes it.' },
    AUTOMATIC: { description: 'It goes live by itself once it has passed all gates.' },
  },
});

export enum VersionPhaseEnum {
  VERIFYING = 'verifying',
  LOADING = 'loading',
  WARMING = 'warming',
  READY = 'ready',
  DRAINING = 'draining',
  UNLOADED = 'unloaded',
  FAILED = 'failed',
}
registerEnumType(VersionPhaseEnum, {
  name: 'VersionPhase',
  description: 'Where a version stands between the store and its answers.',
  valuesConfig: {
    VERIFYING: { description: 'Its files are checked: complete, right checksums, right signature.' },
    LOADING: { description: 'The engine processes load it.' },
    WARMING: { description: 'It runs its first batches and its golden examples.' },
    READY: { description: 'It answers when it is live or named.' },
    DRAINING: { description: 'It answers what it has accepted and is unloaded then.' },
    UNLOADED: { description: 'It is in the store but not in memory.' },
    FAILED: { description: 'It did not pass a gate; failure says which and why.' },
  },
});

export enum VersionAliasEnum {
  LIVE = 'live',
  PREVIOUS = 'previous',
  CANARY = 'canary',
  SHADOW = 'shadow',
}
registerEnumType(VersionAliasEnum, {
  name: 'VersionAlias',
  description: 'A version by its role. LIVE goes around the canary.',
  valuesConfig: {
    LIVE: { description: 'The live version, never the canary.' },
    PREVIOUS: { description: 'The one that rollback would return to.' },
    CANARY: { description: 'The one that gets a share of the requests on trial.' },
    SHADOW: { description: 'The one that is computed beside the live one for comparison.' },
  },
});

export enum ServingRoleEnum {
  LIVE = 'live',
  CANARY = 'canary',
  PINNED = 'pinned',
}
registerEnumType(ServingRoleEnum, {
  name: 'ServingRole',
  description: 'How a version came to answer.',
  valuesConfig: {
    LIVE: { description: 'It is the live version.' },
    CANARY: { description: 'It got this request as its share of the canary.' },
    PINNED: { description: 'The client named it.' },
  },
});
