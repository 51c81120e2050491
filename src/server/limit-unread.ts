import type { WebSocket } from 'ws';

/** Bytes that may wait for a client to read them before another answer is added: more than any one answer has. */
const MAX_UNREAD_BYTES = 8 * 2 ** 20;

/**
 * An answer that is not read stays in memory. Whoever asks on without reading is closed; what was sent before comes first,
 * and a client that does not read even that is cut when it answers no ping, within half a minute. A failure to send is not
 * told: the connection has ended then, and that is told by itself.
 */
export function limitUnread(ws: WebSocket, onTooMuch: () => void): void {
  const send = ws.send.bind(ws);
  // As graphql-ws calls it.
  const limited = (data: string, onSent: () => void): void => {
    if (ws.bufferedAmount <= MAX_UNREAD_BYTES) {
      send(data, () => onSent());
      return;
    }
    onTooMuch();
    onSent();
  };
  ws.send = limited as WebSocket['send'];
}
