import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { processRequest } from 'graphql-upload-ts';
import { AppError } from '../errors';
import { isOfParser } from '../transforms/image-source';
import { GRAPHQL_PATH } from './paths';
import { bodyTooLarge, MAX_FIELD_BYTES, MAX_FILES } from './refused-bodies';

/** Multipart requests, for queries as well as for mutations. */
export function acceptUploads(app: FastifyInstance, maxBodyBytes: number): void {
  app.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null));
  app.addHook('preValidation', async (request, reply) => {
    if (request.routeOptions.url !== GRAPHQL_PATH) return;
    if (!request.headers['content-type']?.startsWith('multipart/form-data')) return;
    limitBytes(request.raw, maxBodyBytes);
    request.body = await processRequest(request.raw, reply.raw, {
      maxFileSize: maxBodyBytes,
      maxFiles: MAX_FILES,
      maxFieldSize: MAX_FIELD_BYTES,
    }).catch((thrown: unknown) => {
      throw isOfParser(thrown)
        ? new AppError('BAD_REQUEST', 'The multipart request cannot be read. Send it whole, with its boundary.', {
            cause: thrown,
          })
        : thrown;
    });
  });
}

/** The parser of multipart requests limits each file, but not all of them together. */
function limitBytes(request: IncomingMessage, maxBytes: number): void {
  if (Number(request.headers['content-length']) > maxBytes) throw bodyTooLarge(maxBytes);
  let bytes = 0;
  // A client that did not say how much it sends gets no answer to too much of it.
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) request.destroy();
  });
}
