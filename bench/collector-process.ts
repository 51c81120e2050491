/** What stands for a monitoring system: takes OTLP over HTTP as JSON, and scrapes `/metrics` while it is told to. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { answerQuestions } from './workers';

export interface CollectorQuestion {
  /** Of the server to be scraped; undefined: none is. */
  readonly scrapePort?: number | undefined;
  readonly scrapeMs?: number;
}

/** What has come since the start. */
export interface CollectorAnswer {
  /** Where it takes traces. */
  readonly port: number;
  readonly exports: number;
  readonly spans: number;
  readonly scrapes: number;
}

let exports = 0;
let spans = 0;
let scrapes = 0;
let scraping: NodeJS.Timeout | undefined;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    exports++;
    spans += countSpans(Buffer.concat(chunks).toString());
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
}).listen(0, '127.0.0.1');
const listening = once(server, 'listening');

answerQuestions<CollectorQuestion, CollectorAnswer>(async ({ scrapePort, scrapeMs }) => {
  await listening;
  clearInterval(scraping);
  if (scrapePort !== undefined) {
    await scrape(scrapePort);
    scraping = setInterval(() => void scrape(scrapePort), scrapeMs);
  }
  return { port: (server.address() as AddressInfo).port, exports, spans, scrapes };
});

async function scrape(port: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!(await answer.text()).includes('predictql_predictions_total')) throw new Error('/metrics tells nothing.');
  scrapes++;
}

/** Without reading the rest, which would take the load generator's time. */
function countSpans(json: string): number {
  return json.split('"spanId":').length - 1;
}
