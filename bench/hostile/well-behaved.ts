import { createRequest, HttpConnection } from '../http-connection';
import { readPayloads } from '../payloads';
import { sleepUntil } from '../sleep-until';

const CONNECTIONS = 4;
/** Milliseconds from one request of a connection to the next: as a client that means well, not as one that measures. */
const PERIOD_MS = 20;

/**
 * What clients wait that ask a little, steadily: milliseconds of each answer, from when its request was due. Whoever is held
 * up asks late, and all that would have been asked meanwhile waits too. Throws where one is no answer.
 */
export async function measureWellBehaved(port: number, seconds: number): Promise<number[]> {
  const { query, variables } = readPayloads().fraudScore;
  const request = createRequest(port, JSON.stringify({ query, variables }));
  const latencies: number[] = [];
  const startedAt = performance.now();
  const end = startedAt + seconds * 1_000;
  const client = async (_: unknown, index: number): Promise<void> => {
    const connection = await HttpConnection.open(port);
    // One after the other, as clients that know nothing of each other do on average.
    for (let dueAt = startedAt + (index * PERIOD_MS) / CONNECTIONS; dueAt < end; dueAt += PERIOD_MS) {
      await sleepUntil(dueAt);
      const from = Math.min(dueAt, performance.now());
      const answer = await connection.send(request);
      if (!answer.startsWith('HTTP/1.1 200') || answer.includes('"errors"')) throw new Error(answer.slice(0, 500));
      latencies.push(performance.now() - from);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return latencies;
}
