import type { FastifyInstance } from 'fastify';

export interface HealthOptions {
  /** What keeps tasks from being answered now, one sentence each. */
  readonly obstacles: () => readonly string[];
}

/** Whoever keeps the server running asks without a key. */
const OPEN = { config: { access: 'open' } } as const;

/** `/livez` says that the process turns, `/readyz` whether requests should be sent to it. */
export class Health {
  private isStopping = false;

  constructor(private readonly options: HealthOptions) {}

  /** From now on nothing new should be sent here. */
  stop(): void {
    this.isStopping = true;
  }

  serveOn(app: FastifyInstance): void {
    app.get('/livez', OPEN, () => ({ status: 'live' }));
    app.get('/readyz', OPEN, (_request, reply) => {
      const missing = this.isStopping ? ['The server is stopping.'] : this.options.obstacles();
      if (missing.length === 0) return reply.send({ status: 'ready' });
      return reply.code(503).send({ status: 'not ready', missing });
    });
  }
}
