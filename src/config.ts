import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { CallerLimits } from './context';
import type { AllowedHost } from './downloads/allowed-hosts';
import { clientEnvironment, environment } from './environment';
import type { AuthenticationMode } from './guards/authenticate';
import type { TokenSettings } from './guards/token-verifier';
import { toTracingSettings, type TracingSettings } from './observability/tracing/settings';
import type { TaskName } from './registry/manifest';
import type { TrustedProxies } from './server/client-address';

const ROOT = path.join(__dirname, '..');
const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };

export interface ClientConfig {
  readonly url: string;
  readonly apiKey: string | undefined;
}

export interface Config {
  /** Of PredictQL. */
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly modelsDir: string;
  readonly dataDir: string;
  readonly pollMs: number;
  /** Without which the server is not ready. */
  readonly requiredTasks: readonly TaskName[];
  readonly engines: number;
  readonly engineThreads: number;
  readonly engineRunTimeoutMs: number;
  readonly engineLoadTimeoutMs: number;
  readonly engineMemoryMb: number;
  readonly auth: AuthenticationMode;
  readonly allowedOrigins: readonly string[];
  /** Empty: nobody's X-Forwarded-For is believed. */
  readonly trustedProxies: TrustedProxies;
  /** Undefined: no tokens are accepted. */
  readonly tokens: TokenSettings | undefined;
  readonly maxQueue: number;
  readonly maxBodyBytes: number;
  readonly maxImagePixels: number;
  readonly maxQueryCost: number;
  /** For callers whose key has none of its own. */
  readonly callerLimits: CallerLimits;
  readonly maxConnectionsPerAddress: number;
  readonly messagesPerSecond: number;
  readonly introspection: boolean;
  /** A file; undefined where any operation is answered. */
  readonly trustedDocuments: string | undefined;
  /** From where pictures may be fetched; empty: none are. */
  readonly imageHosts: readonly AllowedHost[];
  /** Milliseconds for a prediction that does not say. */
  readonly defaultTimeoutMs: number;
  /** Milliseconds that a stopping server gives to what it has accepted. */
  readonly drainTimeoutMs: number;
  /** Undefined: metrics are served beside the API. */
  readonly metricsPort: number | undefined;
  readonly logLevel: string;
  readonly logFormat: 'json' | 'text';
  readonly logSlowMs: number;
  readonly logAddresses: 'none' | 'masked' | 'full';
  /** Undefined: nothing is traced. */
  readonly tracing: TracingSettings | undefined;
  /** Undefined: predictions are not logged. */
  readonly predictionLog: PredictionLogConfig | undefined;
}

export interface PredictionLogConfig {
  /** Of all predictions, above 0 and up to 1. */
  readonly share: number;
  readonly keepsInput: boolean;
  readonly maxBytes: number;
}

/** A setting that cannot be used; the message names each with what was expected. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads all settings. Throws a ConfigError that lists every wrong one; an empty variable counts as not set. */
export function readConfig(variables: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  const faults = parsed.success
    ? []
    : parsed.error.issues.map(({ path: [name], message }) => `${String(name)}: ${message.toLowerCase()}`);
  const known = [...Object.keys(environment.shape), ...Object.keys(clientEnvironment.shape)];
  for (const name of Object.keys(given))
    if (name.startsWith('PREDICTQL_') && !known.includes(name)) faults.push(`${name}: there is no such setting`);
  faults.push(...findTokenFaults(given));
  if (!parsed.success || faults.length > 0)
    throw new ConfigError(`The settings are not right.\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  const env = parsed.data;
  return Object.freeze({
    version,
    host: env.HOST,
    port: env.PORT,
    modelsDir: path.resolve(env.PREDICTQL_MODELS_DIR),
    dataDir: path.resolve(env.PREDICTQL_DATA_DIR),
    pollMs: env.PREDICTQL_POLL_MS,
    requiredTasks: env.PREDICTQL_REQUIRED_TASKS,
    engines: env.PREDICTQL_ENGINES,
    engineThreads: env.PREDICTQL_ENGINE_THREADS,
    engineRunTimeoutMs: env.PREDICTQL_ENGINE_RUN_TIMEOUT_MS,
    engineLoadTimeoutMs: env.PREDICTQL_ENGINE_LOAD_TIMEOUT_MS,
    engineMemoryMb: env.PREDICTQL_ENGINE_MEMORY_MB,
    auth: env.PREDICTQL_AUTH,
    allowedOrigins: env.PREDICTQL_ALLOWED_ORIGINS,
    trustedProxies: env.PREDICTQL_TRUST_PROXY,
    tokens: readTokenConfig(env),
    maxQueue: env.PREDICTQL_MAX_QUEUE,
    maxBodyBytes: env.PREDICTQL_MAX_BODY_BYTES,
    maxImagePixels: env.PREDICTQL_MAX_IMAGE_PIXELS,
    maxQueryCost: env.PREDICTQL_MAX_QUERY_COST,
    callerLimits: {
      requestsPerSecond: env.PREDICTQL_REQUESTS_PER_SECOND || undefined,
      inferenceMsPerSecond: env.PREDICTQL_INFERENCE_MS_PER_SECOND || undefined,
      concurrentRequests: env.PREDICTQL_CONCURRENT_REQUESTS || undefined,
      subscriptions: env.PREDICTQL_SUBSCRIPTIONS || undefined,
    },
    maxConnectionsPerAddress: env.PREDICTQL_CONNECTIONS_PER_ADDRESS,
    messagesPerSecond: env.PREDICTQL_WEBSOCKET_MESSAGES_PER_SECOND,
    introspection: env.PREDICTQL_INTROSPECTION === 'on',
    trustedDocuments: env.PREDICTQL_TRUSTED_DOCUMENTS && path.resolve(env.PREDICTQL_TRUSTED_DOCUMENTS),
    imageHosts: env.PREDICTQL_IMAGE_HOSTS,
    defaultTimeoutMs: 10_000,
    drainTimeoutMs: 8_000,
    metricsPort: env.PREDICTQL_METRICS_PORT,
    logLevel: env.PREDICTQL_LOG_LEVEL,
    logFormat: env.PREDICTQL_LOG_FORMAT,
    logSlowMs: env.PREDICTQL_LOG_SLOW_MS,
    logAddresses: env.PREDICTQL_LOG_ADDRESSES,
    tracing: toTracingSettings(env),
    predictionLog:
      env.PREDICTQL_PREDICTION_LOG_SHARE === 0
        ? undefined
        : {
            share: env.PREDICTQL_PREDICTION_LOG_SHARE,
            keepsInput: env.PREDICTQL_PREDICTION_LOG_INPUTS === 'full',
            maxBytes: env.PREDICTQL_PREDICTION_LOG_MAX_MB * 2 ** 20,
          },
  });
}

/** Tokens are accepted with all of it or not at all: without an audience, one for another service would open this one. */
function findTokenFaults(given: Readonly<Record<string, string | undefined>>): string[] {
  const needed = ['PREDICTQL_JWKS_URL', 'PREDICTQL_JWT_ISSUER', 'PREDICTQL_JWT_AUDIENCE'];
  const set = [...needed, 'PREDICTQL_JWT_SCOPES_CLAIM'].filter((name) => given[name] !== undefined);
  return set.length === 0
    ? []
    : needed.filter((name) => !set.includes(name)).map((name) => `${name}: expected with ${set.join(' and ')}`);
}

function readTokenConfig(env: z.infer<typeof environment>): TokenSettings | undefined {
  const { PREDICTQL_JWKS_URL: jwksUrl, PREDICTQL_JWT_ISSUER: issuer, PREDICTQL_JWT_AUDIENCE: audience } = env;
  if (jwksUrl === undefined || issuer === undefined || audience === undefined) return undefined;
  return { jwksUrl, issuer, audience, scopesClaim: env.PREDICTQL_JWT_SCOPES_CLAIM };
}

/** Reads what the command line needs. Throws a ConfigError. */
export function readClientConfig(variables: Readonly<Record<string, string | undefined>> = process.env): ClientConfig {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = clientEnvironment.safeParse(given);
  if (!parsed.success)
    throw new ConfigError(`PREDICTQL_URL: ${parsed.error.issues.map(({ message }) => message).join(', ')}`);
  return { url: parsed.data.PREDICTQL_URL, apiKey: parsed.data.PREDICTQL_API_KEY };
}
