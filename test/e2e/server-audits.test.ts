import { serverAudits } from 'graphql-http';
import { graphqlUrl } from '../support/graphql';
import { startServer, type TestServer } from '../support/server';

const GET_NEEDS_HEADER =
  'A GET without a header that makes browsers ask first is refused, or any web page could send one (CSRF).';
const ALWAYS_400 =
  'What GraphQL itself refuses is 400 in both media types, as Apollo Server has it: clients and proxies that look at ' +
  'the status alone see a failure. The specification recommends 200 for the older media type.';

/** Audits that the server does not pass to the letter, each with the reason. None of them is an error. */
const DEVIATIONS: Readonly<Record<string, { readonly status: 'notice' | 'warn'; readonly why: string }>> = {
  '5A70': { status: 'notice', why: GET_NEEDS_HEADER },
  D6D5: { status: 'notice', why: GET_NEEDS_HEADER },
  '6A70': { status: 'notice', why: GET_NEEDS_HEADER },
  '572B': { status: 'warn', why: ALWAYS_400 },
  FDE2: { status: 'warn', why: ALWAYS_400 },
  '7B9B': { status: 'warn', why: ALWAYS_400 },
};

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

describe('GraphQL over HTTP, audited by graphql-http', () => {
  const audits = serverAudits({ url: () => graphqlUrl(server), fetchFn: fetch });

  it('is audited at all', () => expect(audits.length).toBeGreaterThanOrEqual(60));

  it.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s: %s', async (id, _name, audit) => {
    const result = await audit.fn();
    expect(result).toMatchObject({ status: DEVIATIONS[id]?.status ?? 'ok' });
  });
});
