import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { stringify } from 'csv-stringify/sync';
import { toError } from '../errors';
import type { LoggedPrediction } from '../observability/prediction-log/prediction-row';
import {
  PREDICTION_COLUMNS,
  predictionFileIn,
  readPredictions,
  type PredictionFilter,
} from '../observability/prediction-log/prediction-store';
import { readPastMoment } from './read-time';

/** As the command line took them: texts, not yet checked. */
export interface ExportOptions extends Partial<Record<keyof PredictionFilter, string>> {
  readonly format: string;
}

type Page = readonly LoggedPrediction[];

/** RFC 4180. A cell that a spreadsheet would compute gets an apostrophe before it. */
function toCsv(page: Page): string {
  return stringify([...page.map((row) => PREDICTION_COLUMNS.map((name) => cellOf(row, name)))], {
    record_delimiter: 'windows',
    escape_formulas: true,
  });
}

function cellOf(row: LoggedPrediction, name: keyof LoggedPrediction): string | number | null {
  return name === 'at' ? new Date(row.at).toISOString() : row[name];
}

function toJsonLines(page: Page): string {
  return page.map((row) => `${JSON.stringify(toJson(row))}\n`).join('');
}

function toJson({ at, input, output, ...row }: LoggedPrediction): unknown {
  return { ...columnsOf(row), at: new Date(at).toISOString(), input: parse(input), output: parse(output) };
}

/** Without the number under which it is stored. */
function columnsOf(row: Partial<LoggedPrediction>): Record<string, unknown> {
  return Object.fromEntries(PREDICTION_COLUMNS.map((name) => [name, row[name]]));
}

function parse(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}

const FORMATS: Readonly<Record<string, { readonly head: string; readonly render: (page: Page) => string }>> = {
  csv: { head: `${PREDICTION_COLUMNS.join(',')}\r\n`, render: toCsv },
  jsonl: { head: '', render: toJsonLines },
};

/**
 * Writes the predictions of a data folder, whether its server runs or not, and no faster than they are taken. Throws an
 * Error with the cure.
 */
export async function exportPredictions(
  dataFolder: string,
  { format: formatName, since, until, ...named }: ExportOptions,
  output: Writable,
): Promise<void> {
  const format = FORMATS[formatName];
  if (!format) throw new Error(`Expected --format csv or jsonl, and got ${formatName}.`);
  const filter = { ...named, since: toMilliseconds(since), until: toMilliseconds(until) };
  const file = predictionFileIn(dataFolder);
  if (!existsSync(file))
    throw new Error(
      `There is no prediction log at ${file}. Set PREDICTQL_DATA_DIR to the data folder of the server, and PREDICTQL_PREDICTION_LOG_SHARE for the server.`,
    );
  const put = async (text: string): Promise<void> => {
    if (!output.write(text)) await once(output, 'drain');
    // A file and a pipe take all at once: without a turn of the loop nothing else would be heard of, a closed pipe for one.
    else await setImmediate();
  };
  try {
    await put(format.head);
    for (const page of readPredictions(file, filter)) await put(format.render(page));
  } catch (thrown) {
    // Whoever reads along, head for one, has enough.
    if ((thrown as NodeJS.ErrnoException).code === 'EPIPE') return;
    throw new Error(`The prediction log cannot be read: ${toError(thrown).message}`, { cause: thrown });
  }
}

function toMilliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readPastMoment(text).getTime();
}
