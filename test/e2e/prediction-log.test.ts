import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { ask, codesOf, dataOf, upload } from '../support/graphql';
import { asBase64, createTransaction, readPicture } from '../support/inputs';
import {
  ANALYZE_SENTIMENT,
  ANALYZE_SENTIMENT_LIST,
  CLASSIFY_IMAGE,
  SCORE_FRAUD,
  type PredictionAnswer,
} from '../support/operations';
import { ROOT, startServer, type TestServer } from '../support/server';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from '../support/small-disk';
import { until } from '../support/until';
import { VersionFolders } from '../support/version-folders';
import { VersionServer } from '../support/version-server';

type Row = Readonly<Record<string, unknown>> & { readonly id: string };

const ALL = { PREDICTQL_PREDICTION_LOG_SHARE: '1' };

function predictql(dataFolder: string, args: readonly string[]) {
  const env = { PATH: process.env['PATH'], PREDICTQL_DATA_DIR: dataFolder };
  return spawnSync(process.execPath, ['dist/cli.js', ...args], { cwd: ROOT, env, encoding: 'utf8', maxBuffer: 1e9 });
}

function exported(dataFolder: string, ...filters: readonly string[]): Row[] {
  const { status, stdout, stderr } = predictql(dataFolder, [
    ...['predictions', 'export', '--format', 'jsonl'],
    ...filters,
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** What the metric says of rows that came to one end. */
async function rowsThat(server: Pick<TestServer, 'origin'>, result: 'written' | 'failed' | 'dropped'): Promise<number> {
  const text = await (await fetch(`${server.origin}/metrics`)).text();
  return Number(new RegExp(`^predictql_prediction_log_rows_total{result="${result}"} (\\d+)$`, 'm').exec(text)?.[1]);
}

const untilWritten = (server: Pick<TestServer, 'origin'>, rows: number): Promise<void> =>
  until(`${rows} predictions are written`, async () => (await rowsThat(server, 'written')) === rows);

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Whether an id belongs to the half that is logged at a share of 0.5. */
const isOfHalf = (id: string): boolean => parseInt(id[0]!, 16) < 8;

describe('a server that was told nothing', () => {
  it('writes no prediction down, and the export says what to do', async () => {
    const server = await startServer();
    try {
      dataOf(await ask(server, ANALYZE_SENTIMENT, { input: { text: 'Fine.' } }));
      expect(await rowsThat(server, 'written')).toBe(0);
      expect(existsSync(path.join(server.dataFolder, 'predictions.db'))).toBe(false);
      const { status, stdout, stderr } = predictql(server.dataFolder, ['predictions', 'export', '-f', 'csv']);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^There is no prediction log .*PREDICTQL_PREDICTION_LOG_SHARE/);
    } finally {
      await server.stop();
    }
  });
});

describe('a server that logs the half of them', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ settings: { PREDICTQL_PREDICTION_LOG_SHARE: '0.5' } });
  });
  afterAll(() => server.stop());

  const jpeg = readPicture('progressive.jpg');
  const texts = Array.from({ length: 40 }, (_, index) => `The soup was ${'very '.repeat(index)}good.`);

  it('has exactly those whose ids say so, with what their clients got, while it runs', async () => {
    const inputs = texts.map((text) => ({ text }));
    const answers: PredictionAnswer[] = dataOf(
      await ask(server, ANALYZE_SENTIMENT_LIST, { inputs }),
    ).sentimentList!.map((each) => each!);
    for (let amount = 1; amount <= 20; amount++)
      answers.push(dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction({ amount }) })).fraudScore!);
    const files = { 'variables.input.image.upload': jpeg };
    for (let count = 0; count < 5; count++) {
      const given = dataOf(await ask(server, CLASSIFY_IMAGE, { input: { image: asBase64(jpeg) } }));
      const variables = { input: { image: { upload: null } } };
      const sent = dataOf(await upload(server, CLASSIFY_IMAGE, { variables, files }));
      answers.push(given.classifyImage!, sent.classifyImage!);
    }
    const sampled = answers.filter(({ id }) => isOfHalf(id));
    expect(sampled.length).toBeGreaterThan(15);
    await untilWritten(server, sampled.length);

    const rows = new Map(exported(server.dataFolder).map((row) => [row.id, row]));
    expect([...rows.keys()].sort()).toEqual(sampled.map(({ id }) => id).sort());
    for (const { id, servedBy, timing, ...result } of sampled) {
      const { modelName: model, version } = servedBy;
      const role = servedBy.role.toLowerCase();
      expect(rows.get(id)).toMatchObject({ model, version, role, ...timing, outcome: 'answered', output: result });
      expect(rows.get(id)!['input']).toBeNull();
    }
    const pictures = [...rows.values()].filter(({ task }) => task === 'classify-image');
    expect(new Set(pictures.map(({ inputSha256 }) => inputSha256))).toEqual(new Set([sha256(jpeg)]));
    answers.slice(0, texts.length).forEach(({ id }, index) => {
      if (isOfHalf(id)) expect(rows.get(id)!['inputSha256']).toBe(sha256(JSON.stringify({ text: texts[index] })));
    });
  });

  it('keeps nothing of the inputs but their hashes', () => {
    const files = ['predictions.db', 'predictions.db-wal'].map((name) => path.join(server.dataFolder, name));
    const bytes = Buffer.concat(files.filter((file) => existsSync(file)).map((file) => readFileSync(file)));
    expect(bytes.includes('sentiment')).toBe(true);
    for (const part of ['The soup', '2018-08-09', 'averageAmount']) expect(bytes.includes(part)).toBe(false);
    expect(statSync(files[0]!).mode & 0o077).toBe(0);
  });
});

describe('a server that logs all of them with their inputs', () => {
  let server: TestServer;
  beforeAll(async () => {
    const settings = { ...ALL, PREDICTQL_PREDICTION_LOG_INPUTS: 'full', PREDICTQL_LOG_LEVEL: 'error' };
    server = await startServer({ settings });
  });
  afterAll(() => server.stop());

  it('has inputs as they were sent, pictures by their hash, and failures with their codes', async () => {
    const transaction = createTransaction({ amount: 77 });
    const text = '=HYPERLINK("http://x"), "quoted"\r\nand a line';
    dataOf(await ask(server, SCORE_FRAUD, { input: transaction }));
    dataOf(await ask(server, ANALYZE_SENTIMENT, { input: { text } }));
    const picture = Buffer.from('no picture');
    expect(codesOf(await ask(server, CLASSIFY_IMAGE, { input: { image: asBase64(picture) } }))).toEqual([
      'UNSUPPORTED_IMAGE',
    ]);
    const gone = { input: { text }, options: { version: { version: '99' } } };
    expect(codesOf(await ask(server, ANALYZE_SENTIMENT, gone))).toEqual(['VERSION_NOT_FOUND']);
    await untilWritten(server, 4);
    expect(exported(server.dataFolder)).toMatchObject([
      { task: 'fraud-score', input: transaction },
      { task: 'sentiment', input: { text }, outcome: 'answered' },
      { task: 'classify-image', input: { topK: 5, minConfidence: 0 }, outcome: 'UNSUPPORTED_IMAGE', output: null },
      { task: 'sentiment', input: { text }, outcome: 'VERSION_NOT_FOUND', model: null, version: null },
    ]);
  });

  it('is exported by time, model, version and outcome', () => {
    expect(exported(server.dataFolder, '--model', 'sentiment-analyzer')).toHaveLength(1);
    expect(exported(server.dataFolder, '--task', 'sentiment', '--outcome', 'answered')).toHaveLength(1);
    expect(exported(server.dataFolder, '--since', '1h')).toHaveLength(4);
    expect(exported(server.dataFolder, '--until', '1h')).toHaveLength(0);
    expect(exported(server.dataFolder, '--version', '77')).toHaveLength(0);
    const { status, stderr } = predictql(server.dataFolder, ['predictions', 'export', '-f', 'xml']);
    expect([status, stderr]).toEqual([1, 'Expected --format csv or jsonl, and got xml.\n']);
  });

  it('is exported as CSV that a spreadsheet reads and does not compute', () => {
    const { stdout } = predictql(server.dataFolder, ['predictions', 'export', '--format', 'csv']);
    const [head, ...lines] = stdout.split('\r\n');
    expect(head).toMatch(/^id,requestId,at,task,model,version,role,outcome,inputSha256,input,output,totalMs,/);
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toContain(String.raw`"{""text"":""=HYPERLINK(\""http://x\""), \""quoted\""\r\nand a line""}"`);
  });

  it('answers the queries of docs/prediction-log.md', () => {
    const page = readFileSync(path.join(ROOT, 'docs/prediction-log.md'), 'utf8');
    const queries = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, query]) => query!);
    expect(queries.length).toBeGreaterThan(1);
    const database = new Database(path.join(server.dataFolder, 'predictions.db'));
    for (const query of queries) expect(database.prepare(query).all([])).not.toEqual([]);
    database.close();
  });
});

describe('a server that is killed', () => {
  it.each([
    ['kill -9 loses no more than the last second', 'SIGKILL'],
    ['a stop loses nothing', 'SIGTERM'],
  ] as const)('%s', async (_what, signal) => {
    const folders = new VersionFolders(['1']);
    const server = new VersionServer(folders, { settings: ALL });
    try {
      await server.start();
      const score = async (times: number): Promise<void> => {
        for (let count = 0; count < times; count++)
          dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() }));
      };
      await score(30);
      await untilWritten(server, 30);
      await score(5);
      await server.stop(signal);
      const rows = exported(folders.data).length;
      if (signal === 'SIGTERM') expect(rows).toBe(35);
      else expect(rows >= 30 && rows <= 35).toBe(true);
      // What is there is not begun anew.
      await server.start();
      await score(1);
      await untilWritten(server, 1);
      expect(exported(folders.data)).toHaveLength(rows + 1);
    } finally {
      await server.stop();
      folders[Symbol.dispose]();
    }
  });
});

/** Only root can mount a file system that is small enough to fill. */
const onSmallDisk = process.getuid?.() === 0 && process.platform === 'linux' ? it : it.skip;

describe('a log that cannot be written', () => {
  let folders: VersionFolders;
  let server: VersionServer;
  beforeEach(() => {
    folders = new VersionFolders(['1']);
    server = new VersionServer(folders, { settings: ALL });
  });
  afterEach(async () => {
    await server.stop();
    folders[Symbol.dispose]();
  });

  const score = async (): Promise<unknown> => dataOf(await ask(server, SCORE_FRAUD, { input: createTransaction() }));
  /** Asks until a row came to that end; each time the prediction is answered. */
  const scoreUntil = (result: 'written' | 'failed', least = 1): Promise<void> =>
    until(`rows are ${result}`, async () => {
      await score();
      return (await rowsThat(server, result)) >= least;
    });
  const complaints = (): number => server.errorOutput.split('prediction log cannot be written').length - 1;

  async function expectRecovery(cure: () => void): Promise<void> {
    await scoreUntil('failed');
    const failed = await rowsThat(server, 'failed');
    await scoreUntil('failed', failed + 1);
    expect(complaints()).toBe(1);
    const written = await rowsThat(server, 'written');
    cure();
    await scoreUntil('written', written + 1);
    await until('it says so', () => server.errorOutput.includes('prediction log is written again'));
    expect(exported(folders.data).length).toBeGreaterThan(0);
  }

  onSmallDisk('for a full disk fails no prediction, complains once, and goes on when there is room', async () => {
    mountSmallDisk(folders.data, '1m');
    try {
      await server.start();
      const filling = fillDisk(folders.data);
      await expectRecovery(() => filling[Symbol.dispose]());
    } finally {
      await server.stop();
      unmountSmallDisk(folders.data);
    }
  });

  it('since somebody holds it fails no prediction, and goes on when that one lets go', async () => {
    await server.start();
    await scoreUntil('written');
    const holder = new Database(path.join(folders.data, 'predictions.db'));
    holder.exec('BEGIN IMMEDIATE');
    await expectRecovery(() => {
      holder.exec('ROLLBACK');
      holder.close();
    });
  });

  it('since the file is none of its own fails no prediction, and goes on when it is moved away', async () => {
    const file = path.join(folders.data, 'predictions.db');
    writeFileSync(file, 'This was never a database. '.repeat(400));
    chmodSync(file, 0o666);
    await server.start();
    await expectRecovery(() => rmSync(file));
    expect(server.errorOutput).toContain('Move predictions.db away');
  });
});
