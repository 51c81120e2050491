import type { WebSocket } from 'ws';

/** A `complete` message is short; longer ones need not be looked at. */
const MAX_COMPLETE_BYTES = 1_000;

/** graphql-ws forgets a query its client completes, but the query runs on; nobody waits for it now. */
export function hearCompleted(ws: WebSocket, onCompleted: (id: string) => void): void {
  ws.on('message', (data) => {
    const text = Buffer.isBuffer(data) && data.length <= MAX_COMPLETE_BYTES ? data.toString() : '';
    const id = text.includes('"complete"') ? readCompletedId(text) : undefined;
    if (id !== undefined) onCompleted(id);
  });
}

function readCompletedId(text: string): string | undefined {
  try {
    const message = JSON.parse(text) as { type?: unknown; id?: unknown } | null;
    return message?.type === 'complete' && typeof message.id === 'string' ? message.id : undefined;
  } catch {
    // graphql-ws closes the connection over it.
    return undefined;
  }
}
