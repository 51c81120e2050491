import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { parseAllowedHosts } from './downloads/allowed-hosts';
import { tracingEnvironment } from './observability/tracing/settings';
import { TASK_NAMES } from './registry/manifest';
import { parseTrustedProxies } from './server/client-address';

const ROOT = path.join(__dirname, '..');

const origin = z
  .string()
  .toLowerCase()
  .regex(/^(\*|https?:\/\/[^/?#\s]+)$/, 'expected origins such as https://app.example.com, divided by commas, or *');

/** Every setting: the environment variable that sets it, what it may be, and its default. The README lists them. */
export const environment = z.object({
  /** Address to listen on. */
  HOST: z.string().min(1).default('127.0.0.1'),
  /** 0 takes a free port and says which. */
  PORT: wholeNumber(0, 65_535, 4000),
  /** Folder of the models that are served. */
  PREDICTQL_MODELS_DIR: z.string().min(1).default(path.join(ROOT, 'models')),
  /** Folder for what the server remembers over a restart. */
  PREDICTQL_DATA_DIR: z.string().min(1).default(path.join(ROOT, '.predictql')),
  /** Milliseconds between looks at the models folder, for file systems that send no notice of changes. */
  PREDICTQL_POLL_MS: wholeNumber(100, 3_600_000, 10_000),
  /** Tasks without which the server is not ready, divided by commas; those it has no models for are left out. */
  PREDICTQL_REQUIRED_TASKS: list(z.enum(TASK_NAMES)).default([...TASK_NAMES]),
  /** Engine processes: how many batches run at the same time. */
  PREDICTQL_ENGINES: wholeNumber(1, 256, availableParallelism()),
  /** Threads of one inference call. */
  PREDICTQL_ENGINE_THREADS: wholeNumber(1, 256, 1),
  /** Milliseconds after which an inference call is taken for hung and its process is replaced. */
  PREDICTQL_ENGINE_RUN_TIMEOUT_MS: wholeNumber(100, 600_000, 5_000),
  /** The same for loading a model. */
  PREDICTQL_ENGINE_LOAD_TIMEOUT_MS: wholeNumber(100, 600_000, 60_000),
  /** Megabytes an engine process may hold while it loads a version, everything in it counted. Default: the machine's. */
  PREDICTQL_ENGINE_MEMORY_MB: wholeNumber(64, 100_000_000, Math.ceil(totalmem() / 2 ** 20)),
  /** Predictions under way at the same time, those that wait included. */
  PREDICTQL_MAX_QUEUE: wholeNumber(1, 1_000_000, 1024),
  /** Bytes of a request's body. */
  PREDICTQL_MAX_BODY_BYTES: wholeNumber(1_000, 1_000_000_000, 16 * 1024 * 1024),
  /** Width times height of a picture. */
  PREDICTQL_MAX_IMAGE_PIXELS: wholeNumber(1, 1_000_000_000, 50_000_000),
  /** Hosts that pictures are fetched from by their addresses, separated by commas. Left out: none are fetched. */
  PREDICTQL_IMAGE_HOSTS: listReadBy(parseAllowedHosts),
  /** Whether requests need a key: auto: as soon as there is one; required: always; off: never. */
  PREDICTQL_AUTH: z.enum(['auto', 'required', 'off']).default('auto'),
  /** Origins of web pages that may use the server beside its own, divided by commas; * is any. */
  PREDICTQL_ALLOWED_ORIGINS: list(origin).default([]),
  /** Addresses and ranges of proxies whose X-Forwarded-For is believed, divided by commas. Left out: nobody's is. */
  PREDICTQL_TRUST_PROXY: listReadBy(parseTrustedProxies),
  /** Where the issuer of JSON Web Tokens publishes its keys. Left out: no tokens are accepted. */
  PREDICTQL_JWKS_URL: z
    .string()
    .refine(isTrustworthy, 'expected an https address; http only on this machine')
    .optional(),
  /** Who must have issued a token: its claim iss. */
  PREDICTQL_JWT_ISSUER: z.string().optional(),
  /** For whom it must have been issued: its claim aud. */
  PREDICTQL_JWT_AUDIENCE: z.string().optional(),
  /** The claim that holds its scopes. */
  PREDICTQL_JWT_SCOPES_CLAIM: z.string().default('scope'),
  /** Cost of one request, in inferences. */
  PREDICTQL_MAX_QUERY_COST: wholeNumber(1, 1_000_000, 200),
  /** Requests a second of one key or address; 0: as many as it likes. */
  PREDICTQL_REQUESTS_PER_SECOND: wholeNumber(0, 1_000_000, 0),
  /** Milliseconds of inference a second of one key or address; 0: as many as it likes. */
  PREDICTQL_INFERENCE_MS_PER_SECOND: wholeNumber(0, 1_000_000, 0),
  /** Requests of one key or address at the same time; 0: as many as it likes. */
  PREDICTQL_CONCURRENT_REQUESTS: wholeNumber(0, 1_000_000, 0),
  /** Subscriptions of one key or address at the same time; 0: as many as it likes. */
  PREDICTQL_SUBSCRIPTIONS: wholeNumber(0, 1_000_000, 10_000),
  /** Connections of one address at the same time. */
  PREDICTQL_CONNECTIONS_PER_ADDRESS: wholeNumber(1, 1_000_000, 10_000),
  /** Messages a second on one WebSocket. */
  PREDICTQL_WEBSOCKET_MESSAGES_PER_SECOND: wholeNumber(10, 1_000_000, 10_000),
  /** Whether clients may ask for the schema itself; playgrounds and code generators do. */
  PREDICTQL_INTROSPECTION: z.enum(['on', 'off']).default('on'),
  /** JSON of the operations that are answered, by their hash; left out: any operation is. */
  PREDICTQL_TRUSTED_DOCUMENTS: z.string().min(1).optional(),
  /** Port of the loopback address for `/metrics` alone. Left out: beside the API, for keys with scope `metrics:read`. */
  PREDICTQL_METRICS_PORT: numberFrom(1, 65_535).optional(),
  /** Left out: info, or warn where a person reads along in a terminal. */
  PREDICTQL_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default(process.stderr.isTTY ? 'warn' : 'info'),
  /** json: a line each for machines; text: for people. Left out: json, or text in a terminal. */
  PREDICTQL_LOG_FORMAT: z.enum(['json', 'text']).default(process.stderr.isTTY ? 'text' : 'json'),
  /** Milliseconds after which a request is logged as slow, in detail. */
  PREDICTQL_LOG_SLOW_MS: wholeNumber(1, 3_600_000, 1_000),
  /** How much of a client's address is logged: none of it, its first parts, or all. */
  PREDICTQL_LOG_ADDRESSES: z.enum(['none', 'masked', 'full']).default('masked'),
  ...tracingEnvironment.shape,
  /** Share of predictions that are written into the prediction log; 0: it is off. */
  PREDICTQL_PREDICTION_LOG_SHARE: z
    .string()
    .regex(/^(0|1|0?\.\d+|1\.0+)$/, 'expected a share from 0 to 1')
    .transform(Number)
    .default(0),
  /** Whether it keeps inputs, or only their hashes. */
  PREDICTQL_PREDICTION_LOG_INPUTS: z.enum(['hash', 'full']).default('hash'),
  /** Megabytes of its file; the oldest predictions go first. */
  PREDICTQL_PREDICTION_LOG_MAX_MB: wholeNumber(8, 1_000_000, 256),
});

/** What the command line needs to talk to a running server. */
export const clientEnvironment = z.object({
  /** Where the server's API is. */
  PREDICTQL_URL: z
    .url({ protocol: /^https?$/, error: 'expected an http or https address' })
    .default('http://localhost:4000/graphql'),
  /** The key to ask with, where the server wants one. */
  PREDICTQL_API_KEY: z.string().optional(),
});

function numberFrom(least: number, most: number) {
  return z
    .string()
    .regex(/^\d+$/, `expected a whole number from ${least} to ${most}`)
    .transform(Number)
    .pipe(z.int().min(least, `expected at least ${least}`).max(most, `expected at most ${most}`));
}

function wholeNumber(least: number, most: number, preset: number) {
  return numberFrom(least, most).default(preset);
}

/** A list as its parser reads it; left out: an empty one. */
function listReadBy<Item>(parse: (list: string) => readonly Item[]) {
  return z
    .string()
    .optional()
    .transform((list, context) => {
      try {
        return list === undefined ? [] : parse(list);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    });
}

/** Texts divided by commas. */
function list<Item extends string>(item: z.ZodType<Item, string>) {
  return z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(item));
}

/** Keys that came over an open line may be somebody else's. */
function isTrustworthy(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}
