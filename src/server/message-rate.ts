import type { WebSocket } from 'ws';
import { AppError } from '../errors';
import { cutAfterGoodbye } from './goodbye';

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
    cutAfterGoodbye(ws);
  };
  ws.on('message', count);
  ws.on('ping', count);
}
