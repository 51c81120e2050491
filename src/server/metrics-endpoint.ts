import Fastify, { type FastifyInstance } from 'fastify';
import type { Metrics } from '../observability/metrics/metrics';
import type { Access } from './access';
import { METRICS_PATH } from './paths';

/** `/metrics` beside the API: it tells how much is asked of which model, so it takes a scope. */
export function serveMetrics(app: FastifyInstance, metrics: Metrics, access: Access = 'metrics:read'): void {
  app.get(METRICS_PATH, { config: { access } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.render()),
  );
}

/** `/metrics` on a port of its own, where whoever reaches it may read. It listens on the loopback address only. */
export async function listenForScrapes(metrics: Metrics, port: number): Promise<FastifyInstance> {
  const app = Fastify({ logger: false, forceCloseConnections: true });
  serveMetrics(app, metrics, 'open');
  await app.listen({ host: '127.0.0.1', port });
  return app;
}
