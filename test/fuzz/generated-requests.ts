import { gzipSync } from 'node:zlib';
import { breakDocument } from './broken-documents';
import { Draw } from './draw';
import { edgeString, edgeValue } from './edge-values';
import { generateOperation } from './generated-documents';
import { spoil } from './generated-inputs';
import { generateMultipart } from './generated-multipart';

/** A request over HTTP. */
export interface GeneratedHttp {
  readonly via: 'http';
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** It must be answered with 200 and without an error. */
  readonly isSound: boolean;
}

/** What one connection says, message by message. */
export interface GeneratedConversation {
  readonly via: 'websocket';
  readonly what: string;
  readonly protocol: string | undefined;
  readonly messages: readonly (string | Buffer)[];
}

export type GeneratedRequest = GeneratedHttp | GeneratedConversation;

/** The request of a number under a seed: always the same. */
export function generateRequest(seed: number, number: number): GeneratedRequest {
  // Two numbers to one, so that neighbours have nothing in common.
  const draw = new Draw(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  return draw.weighted<(draw: Draw) => GeneratedRequest>([
    [20, soundOperation],
    [25, anyOperation],
    [15, brokenDocument],
    [8, spoiledBody],
    [12, multipart],
    [8, oddHttp],
    [12, conversation],
  ])(draw);
}

function soundOperation(draw: Draw): GeneratedHttp {
  return post('sound operation', generateOperation(draw, 'sound'));
}

function anyOperation(draw: Draw): GeneratedHttp {
  return post('any operation', generateOperation(draw, 'any'));
}

function brokenDocument(draw: Draw): GeneratedHttp {
  const { query, variables } = generateOperation(draw, 'any');
  return post('broken document', { query: breakDocument(draw, query), variables, isSound: false });
}

function spoiledBody(draw: Draw): GeneratedHttp {
  const { query, variables } = generateOperation(draw, 'any');
  const body = JSON.stringify(spoil(draw, { query, variables, operationName: 'Generated', extensions: {} }));
  const text = draw.chance(0.3) ? body.slice(0, draw.int(0, body.length)) : body;
  return http('spoiled body', { body: Buffer.from(text) });
}

function multipart(draw: Draw): GeneratedHttp {
  const { isSound, ...request } = generateMultipart(draw);
  return http('multipart', { ...request, isSound });
}

const METHODS = ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'POST', 'TRACE'];
const PATHS = [
  '/graphql',
  '/graphql/',
  '/graphql?query={viewer{name}}',
  '/',
  '/livez',
  '/readyz',
  '/metrics',
  '/playground',
];
const TYPES = ['application/json', 'text/plain', 'application/graphql', 'application/json; charset=utf-7', '', '*/*'];

function oddHttp(draw: Draw): GeneratedHttp {
  const { query, variables } = generateOperation(draw, 'any');
  const params = new URLSearchParams({ query, variables: JSON.stringify(variables) }).toString();
  const json = Buffer.from(JSON.stringify({ query, variables }));
  const method = draw.pick(METHODS);
  const odd = `/${encodeURIComponent(
    edgeString(draw)
      .slice(0, 200)
      .replace(/\p{Surrogate}/gu, '?'),
  )}`;
  const path = draw.pick([...PATHS, `/graphql?${params.slice(0, 8_000)}`, odd, `/playground${odd}`, `/models${odd}`]);
  const isPacked = draw.chance(0.2);
  const headers = {
    'content-type': draw.pick(TYPES),
    ...(draw.chance(0.3) && { accept: draw.pick(['text/html', 'application/graphql-response+json', 'image/*', '*']) }),
    ...(isPacked && { 'content-encoding': draw.pick(['gzip', 'deflate', 'br', 'x']) }),
    ...(draw.chance(0.2) && { authorization: draw.pick(['Bearer x', 'Basic eDp5', 'Bearer a.b.c', '']) }),
    ...(draw.chance(0.2) && { 'x-api-key': draw.pick(['', 'x', 'x'.repeat(4_000)]) }),
  };
  const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'TRACE';
  return http('odd HTTP', { method, path, headers, body: hasBody ? (isPacked ? gzipSync(json) : json) : undefined });
}

function conversation(draw: Draw): GeneratedConversation {
  const say = (type: string, rest: object = {}): string => JSON.stringify({ type, ...rest });
  const id = (): string => draw.pick(['1', '1', '2', '3', '', 'x'.repeat(300)]);
  const messages = draw.list(1, 6, () =>
    draw.weighted<() => string | Buffer>([
      [6, () => say('subscribe', { id: id(), payload: generateOperation(draw, draw.chance(0.5) ? 'sound' : 'any') })],
      [2, () => say('subscribe', { id: id(), payload: { query: breakDocument(draw, '{ viewer { name } }') } })],
      [2, () => say('subscribe', { id: id(), payload: spoil(draw, { query: '{ viewer { name } }', variables: {} }) })],
      [2, () => say('complete', { id: id() })],
      [1, () => say(draw.pick(['ping', 'pong']), { payload: edgeValue(draw) })],
      [1, () => say('connection_init', { payload: edgeValue(draw) })],
      [1, () => say(edgeString(draw), { id: id(), payload: edgeValue(draw) })],
      [1, () => edgeString(draw)],
      [1, () => draw.bytes(draw.int(0, 50))],
      [1, () => JSON.stringify(spoil(draw, { id: '1', type: 'subscribe', payload: { query: '{ viewer { name } }' } }))],
    ])(),
  );
  return {
    via: 'websocket',
    what: 'conversation',
    protocol: draw.chance(0.95) ? 'graphql-transport-ws' : draw.pick([undefined, 'graphql-ws', 'x']),
    messages: draw.chance(0.95) ? [say('connection_init'), ...messages] : messages,
  };
}

function post(
  what: string,
  { isSound, ...body }: { query: string; variables: unknown; isSound: boolean },
): GeneratedHttp {
  return http(what, { body: Buffer.from(JSON.stringify(body)), isSound });
}

function http(what: string, parts: Partial<GeneratedHttp>): GeneratedHttp {
  const headers = { 'content-type': 'application/json' };
  return { via: 'http', what, method: 'POST', path: '/graphql', headers, body: undefined, isSound: false, ...parts };
}
