import type { FastifyInstance, FastifyRequest } from 'fastify';
import { GRAPHQL_PATH, PLAYGROUND_PATH } from '../paths';
import { serveHomePage, type HomePageOptions } from './home-page';
import { servePlayground } from './playground';
import { readTour } from './tour';

export type PagesOptions = HomePageOptions;

/** What people open in a browser: the page at `/`, and the playground. */
export async function servePages(app: FastifyInstance, options: PagesOptions): Promise<void> {
  serveHomePage(app, options);
  await servePlayground(app, await readTour(), options);
}

/** Whoever opens the endpoint in a browser wants to see the API, with or without a key; a query is still answered. */
export function redirectVisitors(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (isVisit(request)) void reply.redirect(PLAYGROUND_PATH);
    else done();
  });
}

/** The method first: Fastify makes `routeOptions` anew for whoever asks. */
function isVisit(request: FastifyRequest): boolean {
  if (request.method !== 'GET' || !request.headers.accept?.includes('text/html')) return false;
  return request.routeOptions.url === GRAPHQL_PATH && !('query' in (request.query as object));
}
