import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A span as it came over OTLP, its attributes as one object. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty or left out where it has none. */
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
  /** Of what sent it. */
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface ReceivedExport {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An OTLP receiver in a process of its own. */
export interface Collector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  readonly spans: () => Promise<ReceivedSpan[]>;
  readonly exports: () => Promise<readonly ReceivedExport[]>;
  readonly stop: () => Promise<void>;
}

export async function startCollector(port = 0): Promise<Collector> {
  const child = fork(path.join(__dirname, 'otlp-receiver.cjs'), [String(port)], { execArgv: [] });
  const [{ port: taken }] = (await once(child, 'message')) as [{ port: number }];
  const asked = new Map<number, (received: readonly Received[]) => void>();
  child.on('message', ({ id, received }: { id: number; received: readonly Received[] }) => {
    asked.get(id)?.(received);
    asked.delete(id);
  });
  let lastId = 0;
  const receive = (): Promise<readonly Received[]> =>
    new Promise((resolve) => {
      const id = ++lastId;
      asked.set(id, resolve);
      child.send(id);
    });
  return {
    endpoint: `http://127.0.0.1:${taken}`,
    spans: async () => (await receive()).flatMap(({ body }) => spansOf(body)),
    exports: receive,
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

interface Received extends ReceivedExport {
  readonly body: OtlpTraces;
}

/** OTLP's JSON, as far as it is looked at. */
interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

interface OtlpSpan extends Omit<ReceivedSpan, 'attributes' | 'links' | 'startMs' | 'endMs' | 'resource'> {
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly OtlpAttribute[];
  readonly links?: ReceivedSpan['links'];
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

function spansOf({ resourceSpans }: OtlpTraces): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ startTimeUnixNano, endTimeUnixNano, attributes = [], links = [], ...span }) => ({
        ...span,
        links,
        startMs: Number(startTimeUnixNano) / 1e6,
        endMs: Number(endTimeUnixNano) / 1e6,
        attributes: readAttributes(attributes),
        resource: readAttributes(resource.attributes),
      })),
    ),
  );
}

function readAttributes(attributes: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
