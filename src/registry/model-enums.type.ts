import type { ModelFile, TaskName } from './manifest';
import type { ServingRole, VersionAlias } from './model';
import type { Phase } from './model-version';
import { registerNames } from './register-names.type';

export const TaskEnum = registerNames<TaskName>({
  name: 'Task',
  description: 'What models can be asked.',
  values: {
    'classify-image': 'What an image shows.',
    sentiment: 'Whether a text speaks well or ill of its subject.',
    'fraud-score': 'How likely a card transaction is to be fraudulent.',
  },
});

export const PromotionPolicyEnum = registerNames<ModelFile['promotion']>({
  name: 'PromotionPolicy',
  description: 'How a newer version goes live.',
  values: {
    manual: 'A person promotes it.',
    automatic: 'It goes live by itself once it has passed all gates.',
  },
});

export const VersionPhaseEnum = registerNames<Phase>({
  name: 'VersionPhase',
  description: 'Where a version stands between the store and its answers.',
  values: {
    verifying: 'Its files are checked: complete, right checksums, right signature.',
    loading: 'The engine processes load it.',
    warming: 'It runs its first batches and its golden examples.',
    ready: 'It answers when it is live or named.',
    draining: 'It answers what it has accepted and is unloaded then.',
    unloaded: 'It is in the store but not in memory.',
    failed: 'It did not pass a gate; failure says which and why.',
  },
});

export const VersionAliasEnum = registerNames<VersionAlias>({
  name: 'VersionAlias',
  description: 'A version by its role. LIVE goes around the canary.',
  values: {
    live: 'The live version, never the canary.',
    previous: 'The one that rollback would return to.',
    canary: 'The one that gets a share of the requests on trial.',
    shadow: 'The one that is computed beside the live one for comparison.',
  },
});

export const ServingRoleEnum = registerNames<ServingRole>({
  name: 'ServingRole',
  description: 'How a version came to answer.',
  values: {
    live: 'It is the live version.',
    canary: 'It got this request as its share of the canary.',
    pinned: 'The client named it.',
  },
});
