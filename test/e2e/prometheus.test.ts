import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readDocument } from '../support/documents';
import { ask, codesOf, dataOf } from '../support/graphql';
import { createTransaction } from '../support/inputs';
import { ANALYZE_SENTIMENT_LIST, SCORE_FRAUD } from '../support/operations';
import { freePort, startServer } from '../support/server';
import { createTemporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

/** Of the Debian package `prometheus`; in continuous integration it must be there. */
const HAS_PROMETHEUS = spawnSync('prometheus', ['--version']).status === 0;
const itWithPrometheus = HAS_PROMETHEUS || process.env['CI'] !== undefined ? it : it.skip;

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

const EXPRESSIONS = [...readDocument('deploy/grafana/predictql.json').matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
  ([, json = '']) =>
    (JSON.parse(json) as string).replaceAll('=~"$instance"', '=~".+"').replaceAll('=~"$model"', '=~".*"'),
);
/** Nobody was turned away, and nothing failed on our side: what would count that has nothing to say. */
const EMPTY = /predictql_refusals_total|outcome=~"INTERNAL/;
/** Requests for a model that there is not. */
const FAILED = 3;

itWithPrometheus(
  'Prometheus answers every query of the dashboard, and counts what the clients count',
  async () => {
    using folder = createTemporaryFolder();
    const server = await startServer();
    const port = await freePort();
    const target = new URL(server.origin).host;
    const config = path.join(folder.path, 'prometheus.yml');
    writeFileSync(
      config,
      `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: predictql, static_configs: [{ targets: ['${target}'] }] }]\n`,
    );
    const storage = `--storage.tsdb.path=${path.join(folder.path, 'data')}`;
    const listen = `--web.listen-address=127.0.0.1:${port}`;
    const prometheus = spawn('prometheus', [`--config.file=${config}`, storage, listen], { stdio: 'ignore' });
    const ended = once(prometheus, 'exit');
    const query = async (expression: string): Promise<Series[]> => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const answer = (await (await fetch(url)).json()) as { data?: { result: Series[] }; error?: string };
      if (!answer.data) throw new Error(`${expression}: ${answer.error}`);
      return answer.data.result;
    };
    const valueOf = async (expression: string): Promise<number> => Number((await query(expression))[0]?.value[1] ?? 0);
    try {
      await until('it scrapes', async () => (await valueOf('up').catch(() => 0)) === 1);
      const counted = { requests: 0, fraud: 0, sentiment: 0 };
      const client = async (): Promise<void> => {
        for (let count = 0; count < 30; count++) {
          dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() }));
          const inputs = [{ text: 'Good.' }, { text: 'It was not good at all.' }];
          dataOf(await ask(server, ANALYZE_SENTIMENT_LIST, { inputs }));
          counted.requests += 2;
          counted.fraud += 1;
          counted.sentiment += 2;
        }
      };
      await Promise.all([client(), client(), client(), client()]);
      const input = createTransaction();
      for (let count = 0; count < FAILED; count++)
        expect(codesOf(await ask(server, SCORE_FRAUD, { input, options: { model: 'none' } }))).toEqual([
          'MODEL_NOT_FOUND',
        ]);
      const requests = 'sum(predictql_requests_total{transport="http",operation="query",outcome="answered"})';
      const failures = 'sum(predictql_requests_total{transport="http",operation="query",outcome="errors"})';
      await until('it has scraped the last request', async () => (await valueOf(failures)) === FAILED);
      expect(await valueOf(requests)).toBe(counted.requests);
      expect(await valueOf('sum(predictql_errors_total{code="MODEL_NOT_FOUND"})')).toBe(FAILED);
      expect(await valueOf('sum(predictql_errors_total)')).toBe(FAILED);
      expect(await valueOf('sum(predictql_predictions_total{outcome="MODEL_NOT_FOUND"})')).toBe(FAILED);

      const sums = await query('sum by (task) (predictql_predictions_total{outcome="answered"})');
      expect(Object.fromEntries(sums.map(({ metric, value }) => [metric['task'], Number(value[1])]))).toEqual({
        'fraud-score': counted.fraud,
        sentiment: counted.sentiment,
      });
      // Every prediction was one row of a call, and took part in each histogram once.
      const all = counted.fraud + counted.sentiment;
      for (const expression of [
        'sum(predictql_inference_call_rows_sum)',
        'sum(predictql_prediction_duration_seconds_count)',
        'sum(predictql_prediction_stage_seconds_count{stage="queue"})',
      ])
        expect([expression, await valueOf(expression)]).toEqual([expression, all]);
      expect(await valueOf('sum(predictql_document_cache_lookups_total)')).toBe(counted.requests + FAILED);

      // The dashboard's own sums over counters, as they stand rather than by the second.
      const counting = EXPRESSIONS.filter((each) =>
        /^sum.*rate\(predictql_(predictions|requests)_total[^/]*$/.test(each),
      );
      expect(counting.length).toBeGreaterThan(3);
      for (const expression of counting.filter((each) => !EMPTY.test(each))) {
        const totals = await query(expression.replaceAll(/rate\(([^[]+)\[\$__rate_interval\]\)/g, '$1'));
        const total = totals.reduce((sum, { value }) => sum + Number(value[1]), 0);
        const isOfFailed = expression.includes('outcome!="answered"');
        const expected = expression.includes('requests_total') ? counted.requests + FAILED : isOfFailed ? FAILED : all;
        expect([expression, total]).toEqual([expression, expected]);
      }
      // A rate is there from the second scrape on.
      for (const expression of EXPRESSIONS.filter((each) => !EMPTY.test(each)))
        await until(`there is an answer to ${expression}`, async () => {
          const series = await query(expression.replaceAll('$__rate_interval', '1m'));
          return series.length > 0;
        });
      expect(await valueOf('predictql_refusals_total')).toBe(0);
    } finally {
      prometheus.kill('SIGTERM');
      await ended;
      await server.stop();
    }
  },
  200_000,
);

(HAS_PROMETHEUS ? it.skip : it)('needs the Debian package `prometheus` to be there', () => {
  expect(process.env['CI']).toBeUndefined();
});
