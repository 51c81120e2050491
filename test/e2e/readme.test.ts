import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse, validate, buildSchema } from 'graphql';
import { ERROR_CODES } from '../../src/errors';
import { blocksOf, readDocument, sendCurl, tableOf } from '../support/documents';
import { ROOT, startServer, type TestServer } from '../support/server';

const readme = readDocument('README.md');
const blocks = blocksOf(readme);

/** Each curl command, with the answer that stands below it. */
const examples = blocks.flatMap(({ language, text }, index) =>
  language === 'sh' && text.startsWith('curl') ? [{ command: text, answer: blocks[index + 1]?.text ?? '' }] : [],
);

describe('the README', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.stop());

  it('has an example for each task', () => {
    expect(examples).toHaveLength(3);
  });

  it.each(examples)('shows the real answer to $command', async ({ command, answer }) => {
    const expected: unknown = JSON.parse(answer);
    expect(roundNumbers(await sendCurl(command, server.origin))).toEqual(roundNumbers(expected));
  });

  it("shows the client's real use", async () => {
    const example = blocks.find(({ language }) => language === 'ts')!.text;
    expect(await runExample(example.replace('http://localhost:4000', server.origin))).toBe('POSITIVE\nCURRENT 2\n');
  });

  it('shows operations that fit the schema', () => {
    const schema = buildSchema(readDocument('schema/schema.graphql'));
    const operations = blocks.filter(({ language }) => language === 'graphql');
    expect(operations.length).toBeGreaterThan(0);
    for (const { text } of operations) expect(validate(schema, parse(text))).toEqual([]);
  });

  it('lists every error code as the code has it', () => {
    const documented = tableOf(readme, 'code').map(([code, status, retry]) => [code, status, retry]);
    const actual = Object.entries(ERROR_CODES).map(([code, { httpStatus, retry }]) => [
      code,
      String(httpStatus),
      retry,
    ]);
    expect(documented).toEqual(actual);
  });

  it('lists every setting', () => {
    const documented = tableOf(readme, 'variable').map(([name]) => name);
    const actual = readDocument('src/environment.ts').match(/\b(?:HOST|PORT|PREDICTQL_\w+)(?=: )/g);
    expect([...documented].sort()).toEqual([...new Set(actual)].sort());
  });
});

/** What a program prints that lies in the project, where it finds `predictql/client` as its users do. */
async function runExample(text: string): Promise<string> {
  const folder = mkdtempSync(path.join(ROOT, 'dist', 'example-'));
  try {
    writeFileSync(path.join(folder, 'example.mjs'), text);
    const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: folder });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Processors round differently: a document shows two digits' worth of a number. */
function roundNumbers(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toFixed(2));
  if (Array.isArray(value)) return value.map(roundNumbers);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, roundNumbers(each)]));
  return value;
}
