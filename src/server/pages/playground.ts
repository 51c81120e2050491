import { createHash, randomBytes } from 'node:crypto';
import fastifyStatic from '@fastify/static';
import { getAltairHtml, getDistDirectory, type RenderOptions } from 'altair-static';
import type { FastifyInstance } from 'fastify';
import type { ServerAccess } from '../../guards/authenticate';
import { grantAccess } from '../access';
import { PLAYGROUND_PATH } from '../paths';
import { contentSecurityPolicy, pageHeaders } from './page-headers';
import { START } from './playground-script';
import type { TourStop } from './tour';

/** Altair's files whose name changes with their content. */
const HASHED_NAME = /[-.](?=[A-Z0-9]*\d)[A-Z0-9]{8}\.(?:js|css)$/;
const YEAR_S = 365 * 24 * 60 * 60;

/**
 * Altair at `/playground`, from the installed package: nothing is loaded from elsewhere. Each stop of the tour is a
 * tab with variables that work as they are.
 */
export async function servePlayground(
  app: FastifyInstance,
  tour: readonly TourStop[],
  { access }: { readonly access: () => ServerAccess },
): Promise<void> {
  const renderers = { open: createRenderer(tour, false), keyed: createRenderer(tour, true) };
  const render = (nonce: string): string => renderers[access() === 'keys' ? 'keyed' : 'open'](nonce);
  for (const url of [PLAYGROUND_PATH, `${PLAYGROUND_PATH}/`])
    app.get(url, { config: { access: 'open' } }, (_request, reply) => {
      const nonce = randomBytes(16).toString('base64');
      return reply.headers(pageHeaders(sourcesOf(nonce))).send(render(nonce));
    });
  await app.register(async (scope) => {
    grantAccess(scope, 'open');
    await scope.register(fastifyStatic, {
      root: getDistDirectory(),
      prefix: `${PLAYGROUND_PATH}/`,
      // One route a file that is there: nothing else can be asked for, neither folders nor ways out of them.
      wildcard: false,
      index: false,
      // The package's own page would open without our policy, and its frame for scripts evaluates, as if it were ours,
      // whatever a page of any origin sends to a window with it.
      globIgnore: ['index.html', 'iframe-sandbox/**'],
      cacheControl: false,
      decorateReply: false,
      setHeaders: (response, file) => {
        response.setHeader('content-security-policy', FILE_POLICY);
        response.setHeader(
          'cache-control',
          HASHED_NAME.test(file) ? `public, max-age=${YEAR_S}, immutable` : 'no-cache',
        );
        response.setHeader('x-content-type-options', 'nosniff');
      },
    });
  });
}

/** For workers, which have a policy of their own. */
const FILE_POLICY = contentSecurityPolicy({
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'connect-src': ["'self'"],
  'frame-ancestors': ["'none'"],
});

function sourcesOf(nonce: string) {
  return {
    'script-src': [`'nonce-${nonce}'`, "'strict-dynamic'"],
    // Angular writes its components' styles into the page.
    'style-src': ["'self'", "'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'worker-src': ["'self'", 'blob:'],
    'base-uri': ["'self'"],
  };
}

/** The page with everything in it but the nonce. */
function createRenderer(tour: readonly TourStop[], needsKey: boolean): (nonce: string) => string {
  const options = JSON.stringify(optionsOf(tour, needsKey)).replaceAll('<', '\\u003c');
  const page = getAltairHtml()
    .replace(/<base[^>]*>/, `<base href="${PLAYGROUND_PATH}/">`)
    .replace(/<title>.*<\/title>/, '<title>PredictQL playground</title>')
    .replace('</body>', () => `<script type="module">${START}(${options})</script></body>`);
  return (nonce) => page.replace(/<(script|link rel="modulepreload")/g, `<$1 nonce="${nonce}"`);
}

/** Where a key is needed the tour begins with where to put it: Altair's place for it is not easily found. */
const KEY_STOP: TourStop = {
  title: '0 · Bring your key',
  query: `# 0 · Bring your key
# This server needs one: whoever runs it can give you one. At the top right, click "Your key", then "Environments…",
# put it between the quotes of "apiKey": "" and save. Every tab sends it from then on; this one tells what it allows.
query Key {
  viewer {
    name
    scopes
  }
}
`,
  variables: '',
};

function optionsOf(tour: readonly TourStop[], needsKey: boolean): RenderOptions {
  const key = needsKey ? { authorization: 'Bearer {{apiKey}}' } : {};
  const version = createHash('sha256')
    .update(JSON.stringify([tour, key]))
    .digest('hex')
    .slice(0, 12);
  return {
    // Visitors keep what they wrote until the tour itself changes; then they see the new one.
    instanceStorageNamespace: `predictql_${version}_`,
    preserveState: true,
    disableAccount: true,
    initialSettings: {
      theme: 'system',
      // At the start all tabs would ask for the schema without the key, which comes later: then each asks when opened.
      'schema.reloadOnStart': !needsKey,
      'schema.reload.onEnvChange': needsKey,
      // Advertisements, and messages that everything is well.
      'banners.disable': true,
      'alert.disableUpdateNotification': true,
      disablePushNotification: true,
      // Scripts around requests are interpreted in the page: the newer way wants eval or a frame.
      'beta.disable.newScript': true,
    },
    // One place for the key of a visitor, at the top right. It stays in the browser.
    ...(needsKey && {
      initialEnvironments: {
        activeSubEnvironment: 'key',
        subEnvironments: [{ id: 'key', title: 'Your key', variables: { apiKey: '' } }],
      },
    }),
    initialWindows: (needsKey ? [KEY_STOP, ...tour] : tour).map(({ title, query, variables }) => ({
      initialName: title,
      initialQuery: query,
      initialVariables: variables || '{}',
      initialSubscriptionRequestHandlerId: 'graphql-ws',
      // Uploads are refused without it: a form of a foreign page could send them.
      initialHeaders: { 'apollo-require-preflight': 'true', ...key },
      initialSubscriptionsPayload: key,
    })),
  };
}
