import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ServerAccess } from '../../guards/authenticate';
import type { Model } from '../../registry/model';
import type { ModelVersion } from '../../registry/model-version';
import { GRAPHQL_PATH, PLAYGROUND_PATH } from '../paths';
import { STYLE } from './home-page.css';
import { html, Html } from './html';
import { pageHeaders } from './page-headers';

export interface HomePageOptions {
  /** All models, as they are now. */
  readonly models: () => readonly Model[];
  /** What keeps tasks from being answered now, one sentence each. */
  readonly obstacles: () => readonly string[];
  /** Where a key is needed, the page tells nothing that the API tells only to those who have one. */
  readonly access: () => ServerAccess;
}

const ICON =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='%234f46e5'/><path d='M8 22l6-9 5 5 5-8' fill='none' stroke='white' stroke-width='3' stroke-linecap='round' stroke-linejoin='round'/></svg>";

/** The page at `/`: what runs here, and where to go on. It needs no script. */
export function serveHomePage(app: FastifyInstance, { models, obstacles, access }: HomePageOptions): void {
  // The hash allows this style and no other.
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const headers = pageHeaders({ 'style-src': [`'sha256-${hash}'`], 'img-src': ['data:'] });
  app.get('/', { config: { access: 'open' } }, ({ protocol, host }, reply) => {
    const page = renderHomePage({
      origin: `${protocol}://${host}`,
      models: models(),
      obstacles: obstacles(),
      needsKey: access() === 'keys',
    });
    return reply.headers(headers).send(page.text);
  });
}

interface HomePageFacts {
  readonly origin: string;
  readonly models: readonly Model[];
  readonly obstacles: readonly string[];
  readonly needsKey: boolean;
}

function renderHomePage({ origin, models, obstacles, needsKey }: HomePageFacts): Html {
  const state =
    obstacles.length === 0
      ? html`<span class="state good">ready</span>`
      : html`<span class="state wait">not ready</span>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>PredictQL</title>
        <link rel="icon" href="${ICON}" />
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <main>
          <div class="head">
            <h1>PredictQL</h1>
            ${state}
          </div>
          <p class="lead">
            Machine-learning models as typed fields of a GraphQL schema. Ask for what you want to know; which model
            answers, and in which version, stands beside the answer.
          </p>
          <p class="actions">
            <a class="button" href="${PLAYGROUND_PATH}">Open the playground</a>
            <span class="quiet">a tour through every operation, with examples that run as they are</span>
          </p>
          ${needsKey ? KEY_NOTE : [...obstacles.map((obstacle) => html`<p class="note">${obstacle}</p>`), renderModels(models)]}
          <h2>Ask from a terminal</h2>
          <pre><code>${exampleFor(origin, needsKey)}</code></pre>
          <h2>Where everything is</h2>
          <dl>
            <dt><a href="${PLAYGROUND_PATH}">${PLAYGROUND_PATH}</a></dt>
            <dd>explore the schema and try each operation</dd>
            <dt><a href="${GRAPHQL_PATH}">${GRAPHQL_PATH}</a></dt>
            <dd>the API, over HTTP and WebSocket (graphql-transport-ws)</dd>
            <dt><a href="/readyz">/readyz</a></dt>
            <dd>whether every task can be answered now, and what is missing</dd>
            <dt><a href="/livez">/livez</a></dt>
            <dd>whether the server is alive</dd>
          </dl>
        </main>
      </body>
    </html> `;
}

const KEY_NOTE = html`<p class="note">
  You need a key to ask. Whoever runs this server can give you one: send it as
  <code>authorization: Bearer pql_…</code>. The playground's first tab shows where to put it.
</p>`;

function renderModels(models: readonly Model[]): Html {
  return html`<h2>What runs here</h2>
    <div class="models">${models.map(renderModel)}</div>`;
}

function renderModel({ name, file, live, newestFirst }: Model): Html {
  return html`<article class="card">
    <h3>${name}</h3>
    <p class="quiet">${file.description}</p>
    <p><code>${fieldOf(file.task)}</code></p>
    <ul class="versions">
      ${newestFirst.map((version) => renderVersion(version, version === live))}
    </ul>
  </article>`;
}

function renderVersion({ version, phase }: ModelVersion, isLive: boolean): Html {
  if (isLive) return html`<li class="live">version ${version} is live</li>`;
  const mood = phase === 'failed' ? 'bad' : phase === 'ready' ? '' : 'quiet';
  return html`<li class="${mood}">${version} ${phase}</li>`;
}

/** The field of the schema that a task answers: classify-image answers classifyImage. */
function fieldOf(task: string): string {
  return task.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function exampleFor(origin: string, needsKey: boolean): string {
  const key = needsKey ? " -H 'authorization: Bearer pql_…'" : '';
  return `curl ${origin}${GRAPHQL_PATH} -H 'content-type: application/json'${key} \\
  -d '{"query": "{ sentiment(input: {text: \\"Not bad at all.\\"}) { label confidence } }"}'`;
}
