import type { ErrorCode } from '../errors';
import type { Logger } from './logger';
import type { Observer, PredictionFact, RequestFact, ToldError } from './observer';

export type AddressDetail = 'none' | 'masked' | 'full';

export interface RequestLogOptions {
  readonly log: Logger;
  /** Requests that take longer are logged in detail, as a warning. Milliseconds. */
  readonly slowMs: number;
  /** How much of a client's address is logged. */
  readonly addresses: AddressDetail;
}

/** What went wrong on our side, or for lack of room; the rest is the client's to put right. */
const OUR_FAULTS: readonly ErrorCode[] = ['INTERNAL_SERVER_ERROR', 'DEADLINE_EXCEEDED', 'OVERLOADED'];
/** Operations are named by clients. */
const MAX_NAME = 80;

/**
 * One line a request: who asked for what, how long each stage took, and what was wrong. Slow requests and failures on
 * our side are warnings with every error and every prediction. A request that was refused before it was looked at has a
 * line too. What was sent and what was answered is never in it.
 */
export function createRequestLog({
  log,
  slowMs,
  addresses,
}: RequestLogOptions): Pick<Observer, 'onRequest' | 'onRefusal'> {
  // Looking for secrets takes longer than writing the line, and `describe` puts none into it.
  const lines = log.child({}, { redact: [] });
  return {
    onRequest(fact) {
      const { operation, errors } = fact;
      const ms = fact.endedAt - fact.startedAt;
      const isSlow = ms > slowMs && operation?.type !== 'subscription';
      const hasFailed = errors.some(({ code }) => OUR_FAULTS.includes(code));
      const level = isSlow || hasFailed ? 'warn' : 'info';
      if (!log.isLevelEnabled(level)) return;
      const line = describe(fact, ms, addresses);
      if (level === 'info') lines.info(line, 'request');
      else log.warn({ ...line, ...detail(fact) }, hasFailed ? 'request failed' : 'slow request');
    },

    onRefusal({ id, status, code, route, caller, address, ms }) {
      if (!log.isLevelEnabled('info')) return;
      const line: Record<string, unknown> = { requestId: id, transport: 'http' };
      if (route !== undefined) line['route'] = route;
      if (caller?.name !== undefined) line['caller'] = caller.name;
      const shown = maskAddress(address, addresses);
      if (shown !== undefined) line['address'] = shown;
      line['ms'] = round(ms);
      line['status'] = status;
      line['codes'] = [code];
      lines.info(line, 'request refused');
    },
  };
}

/** Written for each request, so it sets fields one by one: spread objects cost twice as much. */
function describe(fact: RequestFact, ms: number, addresses: AddressDetail): Record<string, unknown> {
  const { id, transport, operation, caller, address, errors, predictions, hasLeft, span } = fact;
  const line: Record<string, unknown> = { requestId: id };
  if (span) line['traceId'] = span.traceId;
  line['transport'] = transport;
  line['type'] = operation?.type ?? 'unknown';
  if (operation?.name !== undefined) line['operation'] = operation.name.slice(0, MAX_NAME);
  if (caller.name !== undefined) line['caller'] = caller.name;
  const shown = maskAddress(address, addresses);
  if (shown !== undefined) line['address'] = shown;
  line['ms'] = round(ms);
  if (errors.length > 0) line['codes'] = [...new Set(errors.map(({ code }) => code))];
  if (hasLeft) line['left'] = true;
  const slowest = slowestOf(predictions);
  if (slowest) {
    line['predictions'] = predictions.length;
    line['slowest'] = describePrediction(slowest);
  }
  return line;
}

function slowestOf(predictions: readonly PredictionFact[]): PredictionFact | undefined {
  let [slowest] = predictions;
  for (const each of predictions) if (slowest && each.times.totalMs > slowest.times.totalMs) slowest = each;
  return slowest;
}

function detail({ errors, predictions }: RequestFact): Record<string, unknown> {
  return {
    ...(errors.length > 0 && { errors: errors.map(({ code, message, path }: ToldError) => ({ code, message, path })) }),
    ...(predictions.length > 1 && { each: predictions.map(describePrediction) }),
  };
}

function describePrediction({ id, task, version, outcome, times }: PredictionFact): Record<string, unknown> {
  return {
    id,
    task,
    ...(version && { model: version.modelName, version: version.version }),
    outcome,
    preprocessMs: round(times.preprocessMs),
    queueMs: round(times.queueMs),
    inferenceMs: round(times.inferenceMs),
    postprocessMs: round(times.postprocessMs),
    batchSize: times.batchSize,
  };
}

/** An address as far as the setting allows: masked, IPv4 keeps three of its four parts, IPv6 three of eight. */
export function maskAddress(address: string | undefined, detail: AddressDetail): string | undefined {
  if (address === undefined || detail === 'none') return undefined;
  if (detail === 'full') return address;
  const [, four] = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/.exec(address) ?? [];
  if (four !== undefined) return `${four}.0`;
  const groups = address.split('::', 1)[0]?.split(':').slice(0, 3) ?? [];
  return `${groups.join(':')}::`;
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
