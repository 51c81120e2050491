import {
  createPredictQLClient,
  LoadModelVersionDocument,
  ModelsDocument,
  PredictQLError,
  PromoteModelVersionDocument,
  RollbackModelDocument,
  UnloadModelVersionDocument,
  type PredictQLClient,
} from '../client';
import type { ClientConfig } from '../config';
import { formatTable } from './format-table';

export interface ChangeRequest {
  readonly model: string;
  readonly version: string;
  /** Why, for the event. */
  readonly reason?: string | undefined;
}

/** What the command line asks of a running server; each call resolves with the text to print. */
export interface ServerCommands {
  list(): Promise<string>;
  promote(request: ChangeRequest): Promise<string>;
  rollBack(request: Omit<ChangeRequest, 'version'>): Promise<string>;
  load(request: ChangeRequest): Promise<string>;
  unload(request: ChangeRequest): Promise<string>;
}

export function createServerCommands({ url, apiKey }: ClientConfig): ServerCommands {
  const client = createPredictQLClient({ url, ...(apiKey !== undefined && { apiKey }) });
  const request: PredictQLClient['request'] = (...args) =>
    client.request(...args).catch((error: unknown) => {
      throw explain(error, url);
    });
  return {
    async list() {
      const { models } = await request(ModelsDocument);
      const rows = (models ?? []).flatMap(({ name, task, versions }) =>
        versions.map(({ version, phase, isLive, failure }) => [
          name,
          task,
          version,
          isLive ? `${phase}, live` : phase,
          failure?.message ?? '',
        ]),
      );
      return formatTable(['MODEL', 'TASK', 'VERSION', 'PHASE', 'REASON'], rows);
    },

    async promote(input) {
      const { promoteModelVersion } = await request(PromoteModelVersionDocument, { input });
      return describeLive(promoteModelVersion?.model);
    },

    async rollBack(input) {
      const { rollbackModel } = await request(RollbackModelDocument, { input });
      return describeLive(rollbackModel?.model);
    },

    async load(input) {
      await request(LoadModelVersionDocument, { input });
      return `Version ${input.version} of ${input.model} is being loaded. See how it goes: predictql models list`;
    },

    async unload(input) {
      await request(UnloadModelVersionDocument, { input });
      return `Version ${input.version} of ${input.model} finishes what it has accepted, and is unloaded then.`;
    },
  };
}

interface PointedModel {
  readonly name: string;
  readonly live?: { readonly version: string } | null | undefined;
  readonly previous?: { readonly version: string } | null | undefined;
}

function describeLive(model: PointedModel | undefined): string {
  if (!model) return 'Done.';
  const before = model.previous ? `; rollback would return to ${model.previous.version}` : '';
  return `Version ${model.live?.version ?? '?'} of ${model.name} is live${before}.`;
}

/** Where nobody answers, what to do about it. */
function explain(error: unknown, url: string): unknown {
  if (!(error instanceof PredictQLError) || error.code !== 'NETWORK_ERROR') return error;
  const cure = 'Start one with "predictql serve", or set PREDICTQL_URL to where it is.';
  return new Error(`No server answers at ${url}. ${cure}`, { cause: error });
}
