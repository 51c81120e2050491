import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export interface RawAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Told as JSON. */
  readonly body: unknown;
}

/** Answers on a socket that Node has let go of, and ends its connection. */
export function answerRaw(socket: Duplex, { status, headers, body }: RawAnswer): void {
  const text = JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ];
  // A client that is gone by now: an error that nobody hears would end the process.
  socket.on('error', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}
