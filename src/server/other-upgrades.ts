import { IncomingMessage } from 'node:http';

const wanted = new WeakMap<IncomingMessage, unknown>();

/**
 * A request whose wish for any protocol but WebSocket is passed over, as HTTP allows. Java's own client wishes for HTTP/2
 * with each first request, and Node would hand it on as one that wants no answer over HTTP.
 */
export class PlainUnlessWebSocket extends IncomingMessage {
  /** Set by Node when it has read the head. */
  get upgrade(): boolean {
    return Boolean(wanted.get(this)) && this.headers.upgrade?.toLowerCase() === 'websocket';
  }

  set upgrade(isWanted: unknown) {
    wanted.set(this, isWanted);
  }
}
