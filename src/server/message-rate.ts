import type { WebSocket } from 'ws';
import { AppError } from '../errors';

/** Milliseconds for a client to read why. */
const GOODBYE_MS = 1_000;

/**
 * Ends a connection whose messages come faster than so many a second: each is read and answered, even one that asks for
 * nothing. Operations are counted by their callers besides.
 */
export function limitMessageRate(ws: WebSocket, perSecond: number, close: (why: AppError) => void): void {
  let secondAt = -Infinity;
  let messages = 0;
  const count = (): void => {
    const now = performance.now();
    if (now - secondAt >= 1_000) {
      secondAt = now;
      messages = 0;
    }
    if (++messages !== perSecond + 1) return;
    close(new AppError('RATE_LIMITED', `A connection may send ${perSecond} messages a second.`));
    // Whoever floods may not listen either.
    setTimeout(() => ws.terminate(), GOODBYE_MS).unref();
  };
  ws.on('message', count);
  ws.on('ping', count);
}
