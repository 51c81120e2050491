import { setTimeout as pause } from 'node:timers/promises';
import { createRequest, HttpConnection } from '../http-connection';
import { readPayloads } from '../payloads';

const CONNECTIONS = 4;
/** Milliseconds from one request of a connection to the next: as a client that means well, not as one that measures. */
const PERIOD_MS = 20;

/** What clients wait that ask a little, steadily: milliseconds of each answer. Throws where one is no answer. */
export async function measureWellBehaved(port: number, seconds: number): Promise<number[]> {
  const { query, variables } = readPayloads().fraudScore;
  const request = createRequest(port, JSON.stringify({ query, variables }));
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1_000;
  const client = async (): Promise<void> => {
    const connection = await HttpConnection.open(port);
    while (performance.now() < end) {
      const sentAt = performance.now();
      const answer = await connection.send(request);
      const took = performance.now() - sentAt;
      if (!answer.startsWith('HTTP/1.1 200') || answer.includes('"errors"')) throw new Error(answer.slice(0, 500));
      latencies.push(took);
      await pause(Math.max(0, PERIOD_MS - took));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return latencies;
}
