import { connect, type Socket } from 'node:net';

/**
 * One kept-alive HTTP connection that sends one prepared request after the other. It does as little as a client can, so
 * that a single generator core is not what is measured.
 */
export class HttpConnection {
  private received = '';
  private onAnswer: ((answer: string) => void) | undefined;
  private onError: ((error: Error) => void) | undefined;
  private isClosed = false;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    // Latin-1 keeps one character a byte, so that lengths are those of the header.
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.receive(chunk));
    socket.on('error', (error) => this.onError?.(error));
    socket.on('close', () => {
      this.isClosed = true;
      this.onError?.(new Error('The server closed the connection.'));
    });
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new HttpConnection(socket)));
      socket.once('error', reject);
    });
  }

  /** False once the server has closed it, as it does with those that idle. */
  get isOpen(): boolean {
    return !this.isClosed;
  }

  /** Sends a whole request, headers included, and resolves with the whole answer. */
  send(request: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) {
        // A socket that is closed would say nothing more.
        reject(new Error('The server closed the connection.'));
        return;
      }
      this.onAnswer = resolve;
      this.onError = reject;
      this.socket.write(request);
    });
  }

  close(): void {
    this.onError = undefined;
    this.socket.destroy();
  }

  private receive(chunk: string): void {
    this.received += chunk;
    const headersEnd = this.received.indexOf('\r\n\r\n');
    if (headersEnd < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.received.slice(0, headersEnd + 2))?.[1]);
    if (Number.isNaN(length)) throw new Error('The answer does not say how long it is.');
    if (this.received.length < headersEnd + 4 + length) return;
    const answer = this.received;
    this.received = '';
    this.onAnswer?.(answer);
  }
}

/** The last of those that idle; dead ones are dropped. */
export function takeOpen(idle: HttpConnection[]): HttpConnection | undefined {
  for (let last = idle.pop(); last; last = idle.pop()) if (last.isOpen) return last;
  return undefined;
}

/** A POST of JSON as bytes. */
export function createRequest(port: number, body: string): Buffer {
  const bytes = Buffer.from(body);
  const headers = [
    'POST /graphql HTTP/1.1',
    `host: localhost:${port}`,
    'content-type: application/json',
    `content-length: ${bytes.length}`,
    'connection: keep-alive',
  ];
  return Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n\r\n`), bytes]);
}
