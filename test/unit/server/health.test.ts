import Fastify, { type FastifyInstance } from 'fastify';
import { Health } from '../../../src/server/health';

interface Bench {
  readonly app: FastifyInstance;
  readonly health: Health;
  /** What keeps the server from answering; the test changes it. */
  readonly obstacles: string[];
}

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

function createBench(): Bench {
  const obstacles: string[] = [];
  const health = new Health({ obstacles: () => obstacles });
  const app = Fastify();
  health.serveOn(app);
  apps.push(app);
  return { app, health, obstacles };
}

async function ask(app: FastifyInstance, url: string): Promise<{ status: number; body: unknown }> {
  const response = await app.inject(url);
  return { status: response.statusCode, body: response.json() };
}

describe('/readyz', () => {
  it('is ready while nothing is in the way, and says what is as soon as something is', async () => {
    const { app, obstacles } = createBench();
    expect(await ask(app, '/readyz')).toEqual({ status: 200, body: { status: 'ready' } });
    obstacles.push('sentiment: no engine process can run it now.');
    expect(await ask(app, '/readyz')).toEqual({
      status: 503,
      body: { status: 'not ready', missing: ['sentiment: no engine process can run it now.'] },
    });
    obstacles.pop();
    expect((await ask(app, '/readyz')).status).toBe(200);
  });

  it('is ready no more once the server stops', async () => {
    const { app, health } = createBench();
    health.stop();
    expect(await ask(app, '/readyz')).toEqual({
      status: 503,
      body: { status: 'not ready', missing: ['The server is stopping.'] },
    });
  });
});

describe('/livez', () => {
  it('says that the process turns, whatever is in the way', async () => {
    const { app, health, obstacles } = createBench();
    obstacles.push('There are no models.');
    health.stop();
    expect(await ask(app, '/livez')).toEqual({ status: 200, body: { status: 'live' } });
  });
});
