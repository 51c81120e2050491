/** The generator of the soak: all tasks at once, first as fast as they are answered, then at a rate for as long as it lasts. */
import { createRequest, HttpConnection, takeOpen } from './http-connection';
import { readPayloads, TASKS, type TaskField } from './payloads';
import { sleepUntil } from './sleep-until';
import { answerQuestions } from './workers';

/**
 * `closed`: so many connections of each task ask again as soon as they are answered. `begin`: from now on requests are
 * sent at these rates, at random moments, whatever becomes of those before. `take`: what was answered since the last
 * look. `end`: the same, once all that was sent is answered.
 */
export type SoakQuestion =
  | { readonly kind: 'closed'; readonly port: number; readonly concurrency: number; readonly measureMs: number }
  | { readonly kind: 'begin'; readonly port: number; readonly perSecond: Readonly<Record<TaskField, number>> }
  | { readonly kind: 'take' | 'end' };

export interface SoakAnswer {
  /** Milliseconds of each answer: in the open loop from when its request was due. */
  readonly latencies: Readonly<Record<TaskField, readonly number[]>>;
  /** By code. */
  readonly failed: Readonly<Record<string, number>>;
  /** How far behind its schedule the generator itself was at worst. */
  readonly behindMs: number;
}

/** Connections at the same time, at most; more than the server admits predictions. */
const MAX_CONNECTIONS = 4_000;

class Found {
  readonly latencies: Record<TaskField, number[]> = { classifyImage: [], sentiment: [], fraudScore: [] };
  readonly failed: Record<string, number> = {};
  behindMs = 0;

  count(task: TaskField, sentAt: number, answer: string): void {
    const code = /"code":"(\w+)"/.exec(answer)?.[1];
    if (code !== undefined) this.fail(code);
    // Every answer is looked at: one that failed would be answered fastest.
    else if (!answer.includes('"batchSize":')) this.fail('NO_PREDICTION');
    else this.latencies[task].push(performance.now() - sentAt);
  }

  fail(code: string): void {
    this.failed[code] = (this.failed[code] ?? 0) + 1;
  }
}

const payloads = readPayloads();
let found = new Found();
let open: { stop(): Promise<void> } | undefined;

answerQuestions<SoakQuestion, SoakAnswer>(async (question) => {
  if (question.kind === 'closed') await askInTurn(question.port, question.concurrency, question.measureMs);
  if (question.kind === 'begin') open = sendAtRates(question.port, question.perSecond);
  if (question.kind === 'end') await open?.stop();
  const taken = found;
  found = new Found();
  return taken;
});

function requestOf(port: number, task: TaskField): Buffer {
  const { query, variables } = payloads[task];
  return createRequest(port, JSON.stringify({ query, variables }));
}

async function askInTurn(port: number, concurrency: number, measureMs: number): Promise<void> {
  const until = performance.now() + measureMs;
  const loops = TASKS.flatMap((task) => {
    const request = requestOf(port, task);
    return Array.from({ length: concurrency }, async () => {
      const connection = await HttpConnection.open(port);
      for (let sentAt = performance.now(); sentAt < until; sentAt = performance.now())
        found.count(task, sentAt, await connection.send(request));
      connection.close();
    });
  });
  await Promise.all(loops);
}

function sendAtRates(port: number, perSecond: Readonly<Record<TaskField, number>>) {
  const idle: HttpConnection[] = [];
  const under = new Set<Promise<void>>();
  let isStopped = false;

  const send = async (task: TaskField, request: Buffer, dueAt: number): Promise<void> => {
    try {
      const connection = takeOpen(idle) ?? (await HttpConnection.open(port));
      found.count(task, dueAt, await connection.send(request));
      idle.push(connection);
    } catch {
      // The connection was cut: nobody was told why.
      found.fail('CONNECTION_LOST');
    }
  };

  const loops = TASKS.map(async (task) => {
    const request = requestOf(port, task);
    let dueAt = performance.now();
    while (!isStopped) {
      // Independent clients come at random: a Poisson process.
      dueAt += (-Math.log(1 - Math.random()) * 1_000) / perSecond[task];
      await sleepUntil(dueAt);
      found.behindMs = Math.max(found.behindMs, performance.now() - dueAt);
      if (under.size >= MAX_CONNECTIONS) {
        found.fail('NOT_SENT');
        continue;
      }
      const sent = send(task, request, dueAt).finally(() => under.delete(sent));
      under.add(sent);
    }
  });

  return {
    async stop() {
      isStopped = true;
      await Promise.all(loops);
      await Promise.all(under);
      for (const connection of idle) connection.close();
    },
  };
}
