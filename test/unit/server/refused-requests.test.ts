import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createErrorFormatter } from '../../../src/graphql/client-errors';
import type { RefusalFact } from '../../../src/observability/observer';
import { createUnreadableAnswer } from '../../../src/server/refused-requests';
import { silentLog } from '../../support/silent-log';

let server: Server;
let refusals: RefusalFact[];
beforeEach(async () => {
  refusals = [];
  const answer = createUnreadableAnswer({
    formatError: createErrorFormatter(silentLog),
    observer: { onRefusal: (refusal) => refusals.push(refusal) },
    headers: [['cache-control', 'no-store']],
  });
  // Never answers: what a client reads comes from elsewhere.
  server = createServer({ requestTimeout: 200, headersTimeout: 100, connectionsCheckingInterval: 50 })
    .on('clientError', (error, socket) => answer(error, socket as Parameters<typeof answer>[1]))
    .on('request', (request) => request.resume())
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

/** All that comes back until the connection ends. */
async function send(text: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  let got = '';
  socket.on('data', (data: Buffer) => (got += data.toString()));
  socket.write(text);
  await once(socket, 'close');
  return got;
}

const POST = 'POST / HTTP/1.1\r\nhost: localhost\r\n';

describe('the answer to a request that cannot be read', () => {
  it.each([
    ['whose head does not come in time', POST],
    ['whose body does not come in time', `${POST}content-length: 100\r\n\r\nonly this`],
  ])('%s says so with 408, and is told of', async (_what, text) => {
    const got = await send(text);
    expect(got).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\ncache-control: no-store\r\n/);
    expect(JSON.parse(got.slice(got.indexOf('\r\n\r\n')))).toEqual({
      errors: [
        {
          message: 'The request did not come in time. Send it whole, and sooner.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
    expect(refusals).toMatchObject([{ status: 408, code: 'BAD_REQUEST' }]);
  });

  it('is none where another answer is due first: its client would take it for that one', async () => {
    expect(await send(`${POST}content-length: 0\r\n\r\nno HTTP\r\n\r\n`)).toBe('');
    expect(refusals).toEqual([]);
  });
});
