import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Operation } from './graphql';
import type { TestServer } from './server';

/** A connection for requests that are written by hand. What goes wrong with it shows in what comes back. */
export async function openHttpSocket({ origin }: Pick<TestServer, 'origin'>): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** One operation as a POST of JSON, in the bytes of HTTP. */
export function postRequest(
  { text: query }: Pick<Operation<unknown>, 'text'>,
  variables: Readonly<Record<string, unknown>> = {},
): string {
  const body = JSON.stringify({ query, variables });
  const lines = ['POST /graphql HTTP/1.1', 'host: localhost', 'content-type: application/json'];
  return [...lines, `content-length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}
