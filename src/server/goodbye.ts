import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { MAX_REASON_BYTES } from './close-codes';

/** Milliseconds for a client to read why its connection ends. */
const GOODBYE_MS = 1_000;

/** Cuts a connection a moment after it was closed, whether or not its client agrees: who attacks may not listen. */
export function cutAfterGoodbye(ws: WebSocket): void {
  setTimeout(() => ws.terminate(), GOODBYE_MS).unref();
}

/**
 * What comes after a message that cannot be read, such as the rest of one that is too large, is not read either. `ws` has
 * closed the connection then, and would take in and throw away all that its client still sends.
 */
export function hearNoMoreAfterError(ws: WebSocket): void {
  ws.on('error', () => {
    // In the next tick `ws` lets the socket flow again; the one after that still comes before any more bytes.
    process.nextTick(() => ws.pause());
    cutAfterGoodbye(ws);
  });
}

/**
 * graphql-ws writes ids of any length into the reasons by which it closes, longer than a frame holds, and where it
 * fails itself, it writes what failed unless NODE_ENV says production. The code tells a client all that it needs.
 */
export function tellNoMoreThanFits(ws: WebSocket): void {
  const close = ws.close.bind(ws);
  ws.close = (code, reason = '') => {
    const isTooMuch = code === CloseCode.InternalServerError || Buffer.byteLength(reason) > MAX_REASON_BYTES;
    close(code, isTooMuch ? '' : reason);
  };
}
