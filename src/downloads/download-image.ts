import type { IncomingMessage } from 'node:http';
import { Agent, get } from 'node:https';
import { isIP } from 'node:net';
import { AppError, badUserInput } from '../errors';
import { isAllowedHost, type AllowedHost } from './allowed-hosts';
import { createCheckedLookup, resolveHost, type ResolveHost } from './checked-lookup';
import { isPublicAddress } from './public-address';

/** Fetches a picture. Throws BAD_USER_INPUT, UNSUPPORTED_IMAGE or PAYLOAD_TOO_LARGE, or the signal's reason. */
export type DownloadImage = (address: URL, signal: AbortSignal) => Promise<Buffer>;

export interface DownloadOptions {
  /** From where pictures may be fetched. */
  readonly hosts: readonly AllowedHost[];
  readonly maxBytes: number;
  /** Milliseconds for one picture, all redirects included. Default: 5,000. */
  readonly timeoutMs?: number;
  /** What stands for the internet in tests, which have none; no setting reaches it. */
  readonly network?: DownloadNetwork;
}

export interface DownloadNetwork {
  readonly resolve: ResolveHost;
  readonly isAllowedAddress: (address: string) => boolean;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_REDIRECTS = 3;
const MAX_ADDRESS_CHARACTERS = 2_048;
/** Connections at the same time; more pictures wait, within their deadline. */
const MAX_CONNECTIONS = 64;
const REDIRECTS = [301, 302, 303, 307, 308];
/** What pictures are sent as. Stores that know nothing of their content call everything an octet stream. */
const PICTURE_TYPE = /^(image\/(jpe?g|png|webp|gif)|(application|binary)\/octet-stream)\s*(;|$)/i;

const INTERNET: DownloadNetwork = { resolve: resolveHost, isAllowedAddress: isPublicAddress };

/**
 * Fetches pictures over https from allowed hosts with public addresses, and from nowhere else: an address that a client
 * names must not be a way to what only this machine can reach. Each redirect is checked as the first address was.
 */
export function createImageDownload(options: DownloadOptions): DownloadImage {
  const { hosts, maxBytes, timeoutMs = DEFAULT_TIMEOUT_MS, network = INTERNET } = options;
  const agent = new Agent({
    lookup: createCheckedLookup(network.resolve, network.isAllowedAddress),
    maxTotalSockets: MAX_CONNECTIONS,
  });
  return async (address, signal) => {
    const timeUp = AbortSignal.timeout(timeoutMs);
    const ended = AbortSignal.any([signal, timeUp]);
    try {
      const response = await follow(address, { agent, hosts, signal: ended });
      return await readPicture(response, maxBytes);
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof AppError) throw thrown;
      if (timeUp.aborted) throw refused(`The picture did not come within ${timeoutMs} ms.`, thrown);
      // The same words for every reason: they must not tell a stranger what there is in our network.
      throw refused('The host cannot be reached over https.', thrown);
    }
  };
}

interface FollowOptions {
  readonly agent: Agent;
  readonly hosts: readonly AllowedHost[];
  readonly signal: AbortSignal;
}

/** The answer at the end of the redirects. */
async function follow(first: URL, { agent, hosts, signal }: FollowOptions): Promise<IncomingMessage> {
  let address = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    checkAddress(address, hosts);
    const response = await open(address, { agent, signal });
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return response;
    response.destroy();
    if (!REDIRECTS.includes(statusCode)) throw refused(`The host answered with status ${statusCode} in place of 200.`);
    const { location = '' } = headers;
    if (!URL.canParse(location, address.href)) throw refused('The host redirects to what is no address.');
    address = new URL(location, address);
  }
  throw refused(`The host redirects more than ${MAX_REDIRECTS} times.`);
}

function checkAddress(address: URL, hosts: readonly AllowedHost[]): void {
  if (address.protocol !== 'https:') throw refused('Expected an address that begins with https://.');
  if (address.username || address.password) throw refused('Expected an address without a user name and a password.');
  if (address.href.length > MAX_ADDRESS_CHARACTERS)
    throw refused(`Expected an address of at most ${MAX_ADDRESS_CHARACTERS} characters.`);
  // No lookup would check what needs none.
  if (isIP(address.hostname.replace(/^\[|\]$/g, '')) !== 0)
    throw refused('Expected the name of a host, not its number.');
  if (!isAllowedHost(hosts, address)) throw refused('The host is none of those that pictures are fetched from.');
}

function open(
  address: URL,
  options: { readonly agent: Agent; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // As it is, so that what is counted is all that comes: nothing is unpacked here.
    const headers = { accept: 'image/jpeg, image/png, image/webp, image/gif', 'accept-encoding': 'identity' };
    get(address, { ...options, headers }, resolve).on('error', reject);
  });
}

async function readPicture(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  try {
    if (!PICTURE_TYPE.test(response.headers['content-type'] ?? ''))
      throw new AppError(
        'UNSUPPORTED_IMAGE',
        'The address leads to no picture. Give that of a JPEG, PNG, WebP or GIF.',
      );
    if (Number(response.headers['content-length']) > maxBytes) throw tooLarge(maxBytes);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    response.destroy();
  }
}

function refused(message: string, cause?: unknown): AppError {
  const error = badUserInput([
    { path: 'image.url', message: `${message} Send the picture as base64 or as an upload instead.` },
  ]);
  if (cause !== undefined) error.cause = cause;
  return error;
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `A picture may have at most ${maxBytes} bytes. Give a smaller one.`);
}
