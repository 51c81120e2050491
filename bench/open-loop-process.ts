/** The generator of an open loop: it sends at its rate, whatever becomes of what was sent before. */
import { createRequest, HttpConnection, takeOpen } from './http-connection';
import { sleepUntil } from './sleep-until';
import { percentile } from './statistics';
import { answerQuestions } from './workers';

export interface OpenLoopQuestion {
  readonly port: number;
  /** JSON of the request. */
  readonly body: string;
  readonly perSecond: number;
  /** Until the queue is as long as it will be; not counted. */
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** Requests that were sent in the measured time, by what became of them. */
export interface OpenLoopAnswer {
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  /** By code: neither answered nor refused as OVERLOADED. */
  readonly failed: Readonly<Record<string, number>>;
  readonly answeredPerSecond: number;
  /** Milliseconds from when a request was due. */
  readonly answeredP99Ms: number | null;
  /** Null where there was none. */
  readonly refusedP99Ms: number | null;
  /** How far behind its schedule the generator itself was at worst: above a few milliseconds it measured itself. */
  readonly behindMs: number;
}

/** Connections at the same time, at most; more than the server admits predictions. */
const MAX_CONNECTIONS = 4_000;

answerQuestions<OpenLoopQuestion, OpenLoopAnswer>(async ({ port, body, perSecond, warmUpMs, measureMs }) => {
  const request = createRequest(port, body);
  const idle: HttpConnection[] = [];
  const under = new Set<Promise<void>>();
  const answered: number[] = [];
  const refused: number[] = [];
  const failed: Record<string, number> = {};
  const startedAt = performance.now();
  const measuredFrom = startedAt + warmUpMs;
  const until = measuredFrom + measureMs;
  let answeredInTime = 0;
  let behindMs = 0;

  const send = async (dueAt: number): Promise<void> => {
    const isMeasured = dueAt >= measuredFrom;
    try {
      const connection = takeOpen(idle) ?? (await HttpConnection.open(port));
      const answer = await connection.send(request);
      idle.push(connection);
      const now = performance.now();
      const code = /"code":"(\w+)"/.exec(answer)?.[1];
      if (code === undefined && now >= measuredFrom && now < until) answeredInTime++;
      if (!isMeasured) return;
      if (code === undefined) answered.push(now - dueAt);
      else if (code === 'OVERLOADED') refused.push(now - dueAt);
      else failed[code] = (failed[code] ?? 0) + 1;
    } catch {
      // The connection was cut: nobody was told why.
      if (isMeasured) failed['CONNECTION_LOST'] = (failed['CONNECTION_LOST'] ?? 0) + 1;
    }
  };

  for (let number = 0; ; number++) {
    const dueAt = startedAt + (1_000 * number) / perSecond;
    if (dueAt >= until) break;
    await sleepUntil(dueAt);
    behindMs = Math.max(behindMs, dueAt >= measuredFrom ? performance.now() - dueAt : 0);
    if (under.size >= MAX_CONNECTIONS) {
      failed['NOT_SENT'] = (failed['NOT_SENT'] ?? 0) + 1;
      continue;
    }
    const sent = send(dueAt).finally(() => under.delete(sent));
    under.add(sent);
  }
  await Promise.all(under);
  for (const connection of idle) connection.close();
  return {
    sent: Math.round((measureMs / 1_000) * perSecond),
    answered: answered.length,
    refused: refused.length,
    failed,
    answeredPerSecond: (1_000 * answeredInTime) / measureMs,
    answeredP99Ms: p99(answered),
    refusedP99Ms: p99(refused),
    behindMs,
  };
});

function p99(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return percentile(
    values.toSorted((a, b) => a - b),
    99,
  );
}
