import { z } from 'zod';

/** How requests are chosen for tracing, by OpenTelemetry's names. */
const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/**
 * A traced request costs about ten spans, and a server answers thousands of requests a second: of one in a hundred
 * there are still several a second, of each version and of each hour. Who sends a trace along has chosen already.
 */
const DEFAULT_SAMPLER: SamplerName = 'parentbased_traceidratio';
const DEFAULT_RATIO = 0.01;

export interface TracingSettings {
  /** Where spans are sent: OTLP over HTTP, as JSON. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds one export may take, tries again included. */
  readonly timeoutMs: number;
  readonly sampler: SamplerName;
  /** Share of the requests that are traced, where the sampler goes by one: 0 to 1. */
  readonly ratio: number;
  /** What all spans say of the server, `service.name` included. */
  readonly resource: Readonly<Record<string, string>>;
}

const endpoint = z
  .url({ protocol: /^https?$/, error: 'expected an http or https address such as http://localhost:4318' })
  .optional();

/** `name=value,other=percent%20encoded`: how OpenTelemetry writes headers and attributes. */
const pairs = z
  .string()
  .transform((text, context) => {
    const found: Record<string, string> = {};
    for (const pair of text.split(',').filter((each) => each.trim() !== '')) {
      const [, name = '', value = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
      const decoded = decode(value);
      if (name === '' || decoded === undefined) {
        // The value may be a secret.
        context.addIssue({ code: 'custom', message: 'expected name=value pairs, divided by commas, percent-encoded' });
        return z.NEVER;
      }
      found[name] = decoded;
    }
    return found;
  })
  .default({});

const protocol = z
  .literal('http/json', { error: 'expected http/json, which collectors take on port 4318; no other is sent' })
  .optional();

const timeout = z
  .string()
  .regex(/^\d{1,5}$/, 'expected milliseconds from 0 to 99999')
  .transform(Number);

const ratio = z
  .string()
  .regex(/^(0|1|[01]?\.\d+)$/, 'expected a share from 0 to 1')
  .transform(Number)
  .pipe(z.number().max(1, 'expected a share from 0 to 1'))
  .default(DEFAULT_RATIO);

/** The standard variables of OpenTelemetry that are heeded. `docs/traces.md` lists them. */
export const tracingEnvironment = z.object({
  /** Base address of a collector: `/v1/traces` is added. Left out, as the next one: nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  /** The whole address for traces; it goes before the base address. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  /** Sent along with each export, a collector's key for instance. */
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  /** The same, for traces alone. */
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs,
  /** Milliseconds one export may take, tries again included. */
  OTEL_EXPORTER_OTLP_TIMEOUT: timeout.default(10_000),
  /** The same, for traces alone. */
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: timeout.optional(),
  /** How spans are written down; there is one way. */
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  /** The same, for traces alone. */
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol,
  /** `none` traces nothing, whatever endpoint there is. */
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  /** The same. */
  OTEL_SDK_DISABLED: z.stringbool({ truthy: ['true'], falsy: ['false'] }).default(false),
  /** Which requests are traced; `parentbased`: whoever sends a trace along decides. */
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default(DEFAULT_SAMPLER),
  /** Share of the requests, for the samplers that go by one. */
  OTEL_TRACES_SAMPLER_ARG: ratio,
  /** What the server is called among others. */
  OTEL_SERVICE_NAME: z.string().optional(),
  /** More that all spans say of the server, its `deployment.environment.name` for instance. */
  OTEL_RESOURCE_ATTRIBUTES: pairs,
});

/** Undefined: nothing is traced. */
export function toTracingSettings(env: z.infer<typeof tracingEnvironment>): TracingSettings | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = env;
  const url = whole ?? (base === undefined ? undefined : `${base.replace(/\/$/, '')}/v1/traces`);
  if (url === undefined || env.OTEL_SDK_DISABLED || env.OTEL_TRACES_EXPORTER === 'none') return undefined;
  return {
    url,
    headers: { ...env.OTEL_EXPORTER_OTLP_HEADERS, ...env.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    timeoutMs: env.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? env.OTEL_EXPORTER_OTLP_TIMEOUT,
    sampler: env.OTEL_TRACES_SAMPLER,
    ratio: env.OTEL_TRACES_SAMPLER_ARG,
    resource: {
      'service.name': 'predictql',
      ...env.OTEL_RESOURCE_ATTRIBUTES,
      ...(env.OTEL_SERVICE_NAME !== undefined && { 'service.name': env.OTEL_SERVICE_NAME }),
    },
  };
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
