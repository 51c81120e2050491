/** The load generator: so many connections, each of which asks again as soon as it is answered. */
import { createRequest, HttpConnection } from './http-connection';
import { summarize, type Latencies } from './statistics';
import { answerQuestions } from './workers';

export interface LoadQuestion {
  readonly port: number;
  /** JSON of the request. */
  readonly body: string;
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface LoadAnswer extends Latencies {
  readonly predictions: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Rows of the inference calls that answered: how many predictions shared one. */
  readonly rowsPerCall: number;
}

answerQuestions<LoadQuestion, LoadAnswer>(async ({ port, body, concurrency, warmUpMs, measureMs }) => {
  const request = createRequest(port, body);
  const connections = await Promise.all(Array.from({ length: concurrency }, () => HttpConnection.open(port)));
  const from = performance.now() + warmUpMs;
  const until = from + measureMs;
  const latencies: number[] = [];
  let calls = 0;
  await Promise.all(
    connections.map(async (connection) => {
      for (;;) {
        const sentAt = performance.now();
        if (sentAt >= until) break;
        const answer = await connection.send(request);
        const answeredAt = performance.now();
        const batchSize = readBatchSize(answer);
        if (answeredAt < from || answeredAt >= until) continue;
        latencies.push(answeredAt - sentAt);
        // A prediction that shared its call with others made its share of a call.
        calls += 1 / batchSize;
      }
      connection.close();
    }),
  );
  const predictions = latencies.length;
  const seconds = measureMs / 1_000;
  return {
    ...summarize(latencies),
    predictions,
    seconds,
    perSecond: predictions / seconds,
    rowsPerCall: predictions / calls,
  };
});

/** Every answer is looked at: one that failed would be answered fastest. */
function readBatchSize(answer: string): number {
  const batchSize = /"batchSize":(\d+)/.exec(answer)?.[1];
  if (batchSize === undefined || answer.includes('"errors"'))
    throw new Error(`A request was not answered: ${answer.slice(0, 1_000)}`);
  return Number(batchSize);
}
