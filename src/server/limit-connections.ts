import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { isTrusted, type TrustedProxies } from './client-address';

/** Milliseconds in which a client must have sent the headers of a request. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** Milliseconds in which it must have sent all of it. */
export const REQUEST_TIMEOUT_MS = 30_000;
/** Milliseconds between looks at who is late. */
export const TIMEOUT_CHECK_MS = 2_000;

/** Cuts connections beyond so many of one address at once: each holds memory, though nothing was asked yet. */
export function limitConnections(server: Server, maxPerAddress: number, trustedProxies: TrustedProxies): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    // A proxy brings many clients, and counts them itself.
    if (isTrusted(address, trustedProxies)) return;
    const count = (open.get(address) ?? 0) + 1;
    if (count > maxPerAddress) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}
