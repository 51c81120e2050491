import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import type { Attack, Target } from './attack';

const HALF_OPEN = 2_000;
const SLOW = 200;
const PROTOCOL = 'graphql-transport-ws';
const INIT = '{"type":"connection_init"}';
const TOO_LARGE = Buffer.alloc(20 << 20, 'x');
const VIEWER = '{"query":"{ viewer { name limits { maxBodyBytes } } }"}';

/** Attacks that hold or misuse connections. What is held tells nothing unless the server ends it. */
export const CONNECTION_ATTACKS: readonly Attack[] = [
  {
    what: `${HALF_OPEN} connections that say nothing`,
    gets: [],
    run: (target, over) => hold(target, over, HALF_OPEN, () => undefined),
  },
  {
    what: 'heads of requests that come letter by letter',
    gets: [408],
    run: (target, over) =>
      hold(target, over, SLOW, (socket) => drip(socket, 'POST /graphql HTTP/1.1\r\nhost: localhost\r\nx: ', 'x')),
  },
  {
    what: 'bodies that come letter by letter',
    gets: [408],
    run: (target, over) =>
      hold(target, over, SLOW, (socket) =>
        drip(socket, `${head('application/json')}content-length: 100000\r\n\r\n{"query":"`, ' '),
      ),
  },
  {
    what: 'forms whose file never ends',
    gets: [400, 408, 413],
    run: (target, over) =>
      hold(target, over, 20, (socket) =>
        drip(
          socket,
          `${head('multipart/form-data; boundary=x')}content-length: 10000000\r\n\r\n${PARTS}`,
          'x'.repeat(1_000),
        ),
      ),
  },
  {
    what: 'answers that nobody reads',
    gets: [],
    run: (target, over) =>
      hold(target, over, 50, (socket) => {
        socket.pause();
        const request = `${head('application/json')}content-length: ${VIEWER.length}\r\n\r\n${VIEWER}`;
        socket.write(request.repeat(10));
      }),
  },
  {
    what: 'what is no HTTP',
    gets: [400],
    run: async ({ origin }) => [await statusOf(origin, '\x16\x03\x01\x00\x00 no HTTP\r\n\r\n')],
  },
  {
    what: 'a head of a megabyte',
    gets: [431, 'closed'],
    run: async ({ origin }) => [
      await statusOf(origin, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(1 << 20)}\r\n\r\n`),
    ],
  },
  {
    what: 'two lengths of one body',
    gets: [400],
    run: async ({ origin }) => [
      await statusOf(
        origin,
        `${head('application/json')}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      ),
    ],
  },
  {
    what: 'a request under a foreign name of this machine',
    gets: [403],
    run: async ({ origin }) => [
      await statusOf(
        origin,
        `POST /graphql HTTP/1.1\r\nhost: evil.test\r\ncontent-type: application/json\r\ncontent-length: ${VIEWER.length}\r\n\r\n${VIEWER}`,
      ),
    ],
  },
  {
    what: 'a request of a foreign page',
    gets: [403],
    run: async ({ origin }) => [
      await statusOf(
        origin,
        `${head('application/json')}origin: https://evil.test\r\ncontent-length: ${VIEWER.length}\r\n\r\n${VIEWER}`,
      ),
    ],
  },
  {
    what: 'a WebSocket of a foreign page',
    gets: ['HTTP 403'],
    run: async ({ origin }) => [await closeOf(origin, () => undefined, { origin: 'https://evil.test' })],
  },
  {
    what: 'a WebSocket that never says hello',
    gets: [4408],
    run: async ({ origin }) => [await closeOf(origin, () => undefined)],
  },
  {
    what: 'a subscription without a hello',
    gets: [4401],
    run: async ({ origin }) => [
      await closeOf(origin, (socket) => socket.send(subscribe('1', 'subscription { modelVersionChanged { kind } }'))),
    ],
  },
  {
    what: 'two hellos',
    gets: [4429],
    run: async ({ origin }) => [
      await closeOf(origin, (socket) => [INIT, INIT].forEach((message) => socket.send(message))),
    ],
  },
  {
    what: 'a WebSocket message beyond the limit',
    gets: [1009],
    run: async ({ origin }) => [await closeOf(origin, (socket) => socket.send(TOO_LARGE, { binary: false }))],
  },
  {
    what: 'bytes in place of a message',
    gets: [4400],
    run: async ({ origin }) => [await closeOf(origin, (socket) => socket.send(Buffer.from([0, 1, 2, 255])))],
  },
  {
    what: 'WebSockets that ask and never read',
    gets: [1006, 1008, 4429],
    run: async ({ origin }, over) => {
      const sockets = await Promise.all(Array.from({ length: 20 }, () => openSocket(origin)));
      for (const socket of sockets) {
        socket.pause();
        for (let id = 0; id < 50; id++)
          socket.send(subscribe(String(id), '{ __schema { types { name fields { name } } } }'));
      }
      await over;
      for (const socket of sockets) socket.terminate();
      return [];
    },
  },
];

const PARTS =
  '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{ viewer { name } }"}\r\n--x\r\ncontent-disposition: form-data; name="map"\r\n\r\n{"0":["variables.x"]}\r\n--x\r\ncontent-disposition: form-data; name="0"; filename="x"\r\n\r\n';
const DRIP_MS = 200;

function head(type: string): string {
  return `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\napollo-require-preflight: true\r\n`;
}

/** So many connections that all do the same until it is over; what the server says to them before that. */
async function hold({ origin }: Target, over: Promise<unknown>, count: number, begin: (socket: Socket) => void) {
  const said: number[] = [];
  const sockets = Array.from({ length: count }, () => {
    const socket = open(origin);
    socket.once('data', (data: Buffer) => said.push(readStatus(data)));
    socket.on('connect', () => begin(socket));
    return socket;
  });
  await over;
  for (const socket of sockets) socket.destroy();
  return said;
}

function drip(socket: Socket, start: string, rest: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(rest), DRIP_MS);
  socket.once('close', () => clearInterval(timer));
}

function open(origin: string): Socket {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  // A server may end what it was sent.
  socket.on('error', () => socket.destroy());
  return socket;
}

function statusOf(origin: string, request: string): Promise<number | string> {
  return new Promise((resolve) => {
    const socket = open(origin);
    socket.write(request);
    socket.once('data', (data: Buffer) => {
      resolve(readStatus(data));
      socket.destroy();
    });
    socket.once('close', () => resolve('closed'));
  });
}

function readStatus(data: Buffer): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(data.toString('latin1'))?.[1] ?? NaN);
}

async function openSocket(origin: string): Promise<WebSocket> {
  const socket = new WebSocket(`${origin.replace('http:', 'ws:')}/graphql`, PROTOCOL);
  socket.on('error', () => undefined);
  await once(socket, 'open');
  socket.send(INIT);
  await once(socket, 'message');
  return socket;
}

/** The code by which the server ends a connection, or the status by which it refuses one. */
function closeOf(origin: string, speak: (socket: WebSocket) => void, headers: Record<string, string> = {}) {
  return new Promise<number | string>((resolve) => {
    // Masked by zeros, which change nothing: to mask a large message would hold up whoever attacks, not the server.
    const generateMask = (mask: Buffer): void => void mask.fill(0);
    const socket = new WebSocket(`${origin.replace('http:', 'ws:')}/graphql`, PROTOCOL, { headers, generateMask });
    socket.once('open', () => speak(socket));
    socket.on('unexpected-response', (_request, response) => {
      resolve(`HTTP ${response.statusCode ?? 0}`);
      socket.terminate();
    });
    socket.on('error', () => undefined);
    socket.once('close', (code) => resolve(code));
  });
}

function subscribe(id: string, query: string): string {
  return JSON.stringify({ id, type: 'subscribe', payload: { query } });
}
