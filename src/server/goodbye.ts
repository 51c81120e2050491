import type { WebSocket } from 'ws';

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
