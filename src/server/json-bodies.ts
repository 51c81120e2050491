import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors';
import { limitJson } from '../guards/json-limits';

/** Reads bodies of JSON as Fastify does, but looks first at what parsing them would cost. */
export function acceptJson(app: FastifyInstance): void {
  // Looking for these keys costs two searches through every body. Nothing is copied by key here: GraphQL reads the
  // fields it knows and refuses variables with others.
  const parse = app.getDefaultJsonParser('ignore', 'ignore');
  // Of bytes, since they are looked through twice as fast as the characters of a string.
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    limitJson(body);
    return parse(request, body.toString(), done) as unknown;
  });
}

/** Refuses bodies that are packed before they are read: nothing here unpacks them. */
export function refusePacked(app: FastifyInstance): void {
  app.addHook('onRequest', ({ headers }, _reply, done) => {
    const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
    const isPlain = encoding === '' || encoding === 'identity';
    done(
      isPlain
        ? undefined
        : new AppError(
            'BAD_REQUEST',
            'Bodies are not unpacked here. Send the body as it is, without Content-Encoding.',
          ),
    );
  });
}
