import { Agent, request } from 'node:http';
import WebSocket from 'ws';
import type { GeneratedConversation, GeneratedHttp } from './generated-requests';

/** What came back, as far as it is to be judged. */
export interface HttpReply {
  readonly via: 'http';
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export interface ConversationReply {
  readonly via: 'websocket';
  /** With which the server closed the connection; undefined where it was still open at the end. */
  readonly closeCode: number | undefined;
  /** HTTP status, where it did not become a WebSocket. */
  readonly refusedWith: number | undefined;
  readonly messages: readonly string[];
}

export type Reply = HttpReply | ConversationReply;

/** Far more than the slowest answer takes: whoever waits longer has met a hang. */
const HANG_MS = 30_000;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Throws when there is no answer; an answer is judged by others. */
export function sendHttp(origin: string, { method, path, headers, body }: GeneratedHttp): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const length = body ? { 'content-length': String(body.length) } : {};
    const outgoing = request(new URL(origin), { method, path, agent, headers: { ...headers, ...length } });
    outgoing.setTimeout(HANG_MS, () => outgoing.destroy(new Error(`No answer within ${HANG_MS} ms.`)));
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const contentType = response.headers['content-type'] ?? '';
        resolve({ via: 'http', status: response.statusCode ?? 0, contentType, text: Buffer.concat(chunks).toString() });
      });
    });
    outgoing.end(body);
  });
}

const PROBE = 'probe';

/** Says everything, then asks something harmless: what comes before its answer is the reply, or the connection's end. */
export function converse(origin: string, { protocol, messages }: GeneratedConversation): Promise<ConversationReply> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${origin.replace('http:', 'ws:')}/graphql`, protocol);
    const said: string[] = [];
    const timer = setTimeout(() => {
      socket.terminate();
      reject(new Error(`Neither an answer nor an end within ${HANG_MS} ms.`));
    }, HANG_MS);
    const end = (closeCode?: number, refusedWith?: number): void => {
      clearTimeout(timer);
      socket.terminate();
      resolve({ via: 'websocket', closeCode, refusedWith, messages: said });
    };
    const [first, ...rest] = messages;
    const sayTheRest = (): void => {
      for (const message of rest) socket.send(message);
      socket.send(JSON.stringify({ id: PROBE, type: 'subscribe', payload: { query: '{ viewer { name } }' } }));
    };
    socket.on('open', () => {
      socket.send(first!);
      // Whoever asks before the server has answered the hello is sent away.
      if (!first!.includes('"connection_init"')) sayTheRest();
    });
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      said.push(text);
      if (said.length === 1 && text.includes('"connection_ack"')) sayTheRest();
      if (text.includes(`"id":"${PROBE}"`) && /"type":"(complete|error)"/.test(text)) end();
    });
    socket.on('unexpected-response', (_request, response) => end(undefined, response.statusCode));
    socket.on('error', () => undefined);
    socket.on('close', (code) => end(code));
  });
}
