import { pino } from 'pino';
import type { ErrorCode } from '../errors';
import { hundredths, quote } from './json-text';
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
  // pino makes a line of an object in twice the time, and looks for secrets, of which these texts hold none.
  const lines = Object.assign(log.child({}), { [pino.symbols.asJsonSym]: joinLine });
  return {
    onRequest(fact) {
      const { operation, errors } = fact;
      const ms = fact.endedAt - fact.startedAt;
      const isSlow = ms > slowMs && operation?.type !== 'subscription';
      const hasFailed = errors.some(({ code }) => OUR_FAULTS.includes(code));
      const level = isSlow || hasFailed ? 'warn' : 'info';
      if (!log.isLevelEnabled(level)) return;
      const fields = describe(fact, ms, addresses);
      if (level === 'info') lines.info({ fields }, 'request');
      else lines.warn({ fields: fields + detail(fact) }, hasFailed ? 'request failed' : 'slow request');
    },

    onRefusal({ id, status, code, route, caller, address, ms }) {
      if (!log.isLevelEnabled('info')) return;
      let fields = `"requestId":${quote(id)},"transport":"http"`;
      if (route !== undefined) fields += `,"route":${quote(route)}`;
      if (caller?.name !== undefined) fields += `,"caller":${quote(caller.name)}`;
      const shown = maskAddress(address, addresses);
      if (shown !== undefined) fields += `,"address":${quote(shown)}`;
      fields += `,"ms":${hundredths(ms)},"status":${status},"codes":["${code}"]`;
      lines.info({ fields }, 'request refused');
    },
  };
}

/**
 * Stands for pino's own way to make a line of an object, a message, a level, and the time as text. V8 puts a text together
 * only once somebody reads it, which is cheap now and dear when the log is written: its parts have left the cache by then.
 */
function joinLine({ fields }: { readonly fields: string }, message: string, level: number, time: string): string {
  return ['{"level":', level, time, ',', fields, ',"msg":"', message, '"}\n'].join('');
}

/** As JSON, without the braces. */
function describe(fact: RequestFact, ms: number, addresses: AddressDetail): string {
  const { id, transport, operation, caller, address, errors, predictions, hasLeft, span } = fact;
  let fields = `"requestId":${quote(id)}`;
  if (span) fields += `,"traceId":${quote(span.traceId)}`;
  fields += `,"transport":"${transport}","type":"${operation?.type ?? 'unknown'}"`;
  if (operation?.name !== undefined) fields += `,"operation":${quote(operation.name.slice(0, MAX_NAME))}`;
  if (caller.name !== undefined) fields += `,"caller":${quote(caller.name)}`;
  const shown = maskAddress(address, addresses);
  if (shown !== undefined) fields += `,"address":${quote(shown)}`;
  fields += `,"ms":${hundredths(ms)}`;
  if (errors.length > 0) fields += `,"codes":${JSON.stringify([...new Set(errors.map(({ code }) => code))])}`;
  if (hasLeft) fields += ',"left":true';
  const slowest = slowestOf(predictions);
  if (slowest) fields += `,"predictions":${predictions.length},"slowest":${describePrediction(slowest)}`;
  return fields;
}

function slowestOf(predictions: readonly PredictionFact[]): PredictionFact | undefined {
  let [slowest] = predictions;
  for (const each of predictions) if (slowest && each.times.totalMs > slowest.times.totalMs) slowest = each;
  return slowest;
}

/** What follows the fields of a request. */
function detail({ errors, predictions }: RequestFact): string {
  const told = errors.map(({ code, message, path }: ToldError) => ({ code, message, path }));
  const each = predictions.map(describePrediction).join(',');
  return (
    (told.length > 0 ? `,"errors":${JSON.stringify(told)}` : '') + (predictions.length > 1 ? `,"each":[${each}]` : '')
  );
}

function describePrediction({ id, task, version, outcome, times }: PredictionFact): string {
  const { preprocessMs, queueMs, inferenceMs, postprocessMs, batchSize } = times;
  const chosen = version ? `,"model":${quote(version.modelName)},"version":${quote(version.version)}` : '';
  const stages = `"preprocessMs":${hundredths(preprocessMs)},"queueMs":${hundredths(queueMs)},"inferenceMs":${hundredths(inferenceMs)},"postprocessMs":${hundredths(postprocessMs)}`;
  return `{"id":${quote(id)},"task":${quote(task)}${chosen},"outcome":"${outcome}",${stages},"batchSize":${batchSize}}`;
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
