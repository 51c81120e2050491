import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The operations that come with the package; the client, the tests and the documents use the same files. */
export const OPERATIONS_FOLDER = path.join(__dirname, '../../../schema/operations');

/** One stop of the tour through the API: an operation with variables that work as they are. */
export interface TourStop {
  /** What the tab says, such as "3.1 · Ask for the reasons". */
  readonly title: string;
  /** The whole file, comments included: they tell what is to be seen. */
  readonly query: string;
  /** JSON; empty for an operation without variables. */
  readonly variables: string;
}

/** The first line of an operation names its stop and its place in the tour. */
const TITLE = /^# (?<place>\d+(?:\.\d+)?) · (?<name>.+)$/m;

/**
 * Reads `<name>.graphql` and, where there is one, `<name>.variables.json` beside it, in the order of their titles.
 * Throws an Error that names the file without a title, or with variables that are not JSON.
 */
export async function readTour(folder: string = OPERATIONS_FOLDER): Promise<readonly TourStop[]> {
  const files = await readdir(folder);
  const operations = files.filter((file) => file.endsWith('.graphql'));
  const stops = await Promise.all(operations.map((file) => readStop(folder, file, files)));
  return stops.sort((a, b) => a.place - b.place).map(({ stop }) => stop);
}

async function readStop(
  folder: string,
  file: string,
  files: readonly string[],
): Promise<{ readonly place: number; readonly stop: TourStop }> {
  const query = await readFile(path.join(folder, file), 'utf8');
  const title = TITLE.exec(query.slice(0, query.indexOf('\n')))?.groups;
  if (!title)
    throw new Error(`${file} begins without a title. Expected a first line such as "# 2.1 · Judge many texts".`);
  const variablesFile = file.replace(/graphql$/, 'variables.json');
  const variables = files.includes(variablesFile) ? await readFile(path.join(folder, variablesFile), 'utf8') : '';
  if (variables) requireJson(variables, variablesFile);
  return {
    place: placeOf(title['place'] ?? ''),
    stop: { title: `${title['place'] ?? ''} · ${title['name'] ?? ''}`, query, variables },
  };
}

/** 3.10 is the tenth stop of the third part, after 3.9. */
function placeOf(number: string): number {
  const [part = 0, stop = 0] = number.split('.').map(Number);
  return part * 1_000 + stop;
}

function requireJson(text: string, file: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}
