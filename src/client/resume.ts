import type { Payload } from './operation';
import { KeyEndedError, PredictQLError } from './errors';
import { wait } from './retry';

/** Milliseconds before connecting again: the first time, and at most after many in a row. */
const RECONNECT_MS = { first: 200, longest: 10_000 };

export type SubscribeOnce = (payload: Payload, signal: AbortSignal) => AsyncGenerator<unknown, void>;

/**
 * A subscription that outlives its connections: after a loss it connects again and asks for what came after the last
 * cursor it has seen, so that nothing is lost and nothing comes twice. Without a cursor the loss is thrown.
 */
export async function* subscribeResuming(
  subscribe: SubscribeOnce,
  { query, variables }: Payload,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  let after = variables['after'];
  for (let losses = 0; ; losses++) {
    try {
      for await (const data of subscribe({ query, variables: { ...variables, after } }, signal)) {
        losses = 0;
        after = cursorOf(data) ?? after;
        yield data;
      }
      return;
    } catch (error) {
      if (typeof after !== 'string' || !wasLost(error)) throw error;
      const delayMs = Math.min(RECONNECT_MS.longest, RECONNECT_MS.first * 2 ** losses);
      await wait(delayMs * (0.5 + Math.random()), signal);
    }
  }
}

function wasLost(error: unknown): boolean {
  if (error instanceof KeyEndedError) return true;
  return error instanceof PredictQLError && error.code === 'NETWORK_ERROR';
}

/** The cursor of a result's root field, if it asked for one. */
function cursorOf(data: unknown): string | undefined {
  const [event] = Object.values((data ?? {}) as Record<string, { cursor?: unknown } | null>);
  return typeof event?.cursor === 'string' ? event.cursor : undefined;
}
