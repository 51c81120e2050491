import { ERROR_CODES } from '../../src/errors';
import type { GeneratedRequest } from './generated-requests';
import type { ConversationReply, HttpReply, Reply } from './send-request';

/** By which a server of `graphql-transport-ws` may close a connection; 1002 and 1007 are WebSocket's own. */
const CLOSE_CODES = [1002, 1003, 1007, 1008, 1009, 4400, 4401, 4403, 4406, 4408, 4409, 4429];
/** What must not be read in any answer: traces, files of this machine, names of what is inside. */
const INSIDE =
  /\n\s+at |node_modules|\.(ts|js):\d+|\/(dist|src|models|tmp|home|root|work)\/|onnx|libvips|prototype pollution/i;
/** Where a prediction's own `timeoutMs` is too short for the wait. */
const OVERLOADED = ERROR_CODES.OVERLOADED.httpStatus;
const MASKED = 'INTERNAL_SERVER_ERROR';
/** What a right operation may be told on a machine that is busy with other work. */
export const TOO_SLOW: readonly string[] = ['DEADLINE_EXCEEDED', 'OVERLOADED'];

/** What the reply was, in a word for the tally. Throws an Error that says what is wrong with it. */
export function judgeReply(request: GeneratedRequest, reply: Reply): string {
  if (reply.via === 'http') return judgeHttp(reply, request.via === 'http' && request.isSound);
  // A client that asked for another protocol goes away by itself when it is not offered.
  if (reply.closeCode === 1006 && request.via === 'websocket' && isForeign(request.protocol)) return 'went away';
  return judgeConversation(reply);
}

function isForeign(protocol: string | undefined): boolean {
  return protocol !== undefined && protocol !== 'graphql-transport-ws';
}

function judgeHttp({ status, contentType, text }: HttpReply, isSound: boolean): string {
  if (status >= 500 && status !== OVERLOADED) throw new Error(`HTTP ${status}: ${text.slice(0, 500)}`);
  // An answer to HEAD has no body.
  if (!contentType.includes('json') || text === '') return `HTTP ${status}`;
  const { errors } = JSON.parse(text) as { readonly errors?: unknown };
  const codes = errors === undefined ? [] : codesOf(errors);
  const isAnswered = status === 200 && codes.length === 0;
  if (isSound && !isAnswered && !codes.some((code) => TOO_SLOW.includes(code)))
    throw new Error(`HTTP ${status} for what is right: ${text.slice(0, 500)}`);
  return codes[0] ?? `HTTP ${status}`;
}

function judgeConversation({ closeCode, refusedWith, messages }: ConversationReply): string {
  if (refusedWith !== undefined && refusedWith >= 500) throw new Error(`The upgrade was answered with ${refusedWith}.`);
  if (closeCode !== undefined && !CLOSE_CODES.includes(closeCode))
    throw new Error(`The connection was closed with ${closeCode}.`);
  const codes = messages.flatMap((text) => {
    const { type, payload } = JSON.parse(text) as { readonly type: string; readonly payload?: unknown };
    if (type === 'error') return codesOf(payload);
    return type === 'next' ? codesOf((payload as { errors?: unknown }).errors ?? []) : [];
  });
  if (closeCode !== undefined) return `closed with ${closeCode}`;
  return refusedWith === undefined ? (codes[0] ?? 'conversation') : `HTTP ${refusedWith}`;
}

/** Codes of errors that clients may see, each of them one of the list. */
function codesOf(errors: unknown): string[] {
  if (!Array.isArray(errors)) throw new Error(`The errors are no list: ${JSON.stringify(errors).slice(0, 200)}`);
  return errors.map((error: { readonly message?: unknown; readonly extensions?: { readonly code?: unknown } }) => {
    const text = JSON.stringify(error);
    const code = error.extensions?.code;
    if (typeof code !== 'string' || !Object.hasOwn(ERROR_CODES, code))
      throw new Error(`An error without a code: ${text}`);
    if (code === MASKED) throw new Error(`A failure of the server: ${text}`);
    if (INSIDE.test(String(error.message))) throw new Error(`An error tells of what is inside: ${text}`);
    return code;
  });
}
