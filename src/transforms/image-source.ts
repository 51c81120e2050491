import type { Readable } from 'node:stream';
import { Cancellation } from '../cancellation';
import type { DownloadImage } from '../downloads/download-image';
import { AppError, badUserInput } from '../errors';

/** One of the ways a picture can come. */
export interface ImageSourceData {
  /** Base64, with or without a data: prefix. */
  readonly base64?: string | null | undefined;
  /** A file of a multipart request. */
  readonly upload?: Promise<{ createReadStream(): Readable }> | null | undefined;
  /** Where it can be fetched from. */
  readonly url?: URL | null | undefined;
  /** The picture itself, where it is at hand. */
  readonly bytes?: Buffer | undefined;
}

export interface ReadImageOptions {
  readonly maxBytes: number;
  /** Left out: pictures by address are refused. */
  readonly download?: DownloadImage | undefined;
  /** Tells when nobody waits for the picture any more. */
  readonly cancellation?: Cancellation | undefined;
}

/** The picture's bytes. Throws BAD_USER_INPUT, PAYLOAD_TOO_LARGE or, for what is no picture, UNSUPPORTED_IMAGE. */
export async function readImageSource(
  source: ImageSourceData,
  { maxBytes, download, cancellation = NEVER }: ReadImageOptions,
): Promise<Buffer> {
  if (source.bytes) return source.bytes;
  if (source.base64 != null) return limited(decodeBase64(source.base64), maxBytes);
  if (source.upload) return readUpload(source.upload, maxBytes);
  if (source.url && download) return download(source.url, cancellation.signal);
  throw badUserInput([
    { path: 'image.url', message: 'This server fetches no pictures. Send the picture as base64 or as an upload.' },
  ]);
}

const NEVER = new Cancellation();

function decodeBase64(text: string): Buffer {
  const comma = text.startsWith('data:') ? text.indexOf(',') : -1;
  const payload = text.slice(comma + 1);
  const bytes = Buffer.from(payload, 'base64');
  // Buffer passes over what is not base64, so count: four characters make three bytes, and one alone makes none.
  // Only white space needs a second look; it costs eight times what decoding does.
  const isWhole = bytes.length === Buffer.byteLength(payload, 'base64');
  const characters = isWhole ? payload.length - paddingOf(payload) : payload.replace(/[\s=]+/g, '').length;
  if (characters === 0 || characters % 4 === 1 || bytes.length !== Math.floor((characters * 3) / 4))
    throw badUserInput([
      { path: 'image.base64', message: 'Expected base64, with or without a "data:image/…;base64," prefix.' },
    ]);
  return bytes;
}

function paddingOf(base64: string): number {
  if (base64.endsWith('==')) return 2;
  return base64.endsWith('=') ? 1 : 0;
}

async function readUpload(upload: Promise<{ createReadStream(): Readable }>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const stream = (await upload).createReadStream();
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) break;
    }
  } catch (cause) {
    throw toUploadError(cause, maxBytes);
  }
  return limited(Buffer.concat(chunks), maxBytes);
}

/** The parser of multipart requests says by an HTTP status what became of a file. */
function toUploadError(thrown: unknown, maxBytes: number): unknown {
  const { status = isOfParser(thrown) ? 400 : 500 } = thrown as { readonly status?: number };
  if (status === 413) return tooLarge(maxBytes);
  if (status >= 500) return thrown;
  return badUserInput([
    { path: 'image.upload', message: 'Expected a file in the multipart request, under the name that its map gives.' },
  ]);
}

/**
 * Whether the parser of multipart requests could not read what came: then it throws a plain Error, without a status and
 * without the code that a failure of ours, such as a full disk, would have.
 */
export function isOfParser(thrown: unknown): boolean {
  return thrown instanceof Error && !('status' in thrown) && !('code' in thrown) && thrown.name === 'Error';
}

function limited(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  return bytes;
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `A picture may have at most ${maxBytes} bytes. Send a smaller one.`);
}
