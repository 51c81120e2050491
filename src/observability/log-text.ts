/** Names of pino's levels. */
const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

interface LogLine extends Readonly<Record<string, unknown>> {
  readonly level: number;
  readonly time: string;
  readonly msg?: string;
}

/** A line of the JSON log as a person reads it in a terminal: `14:03:07.512 warn request failed requestId=7 …`. */
export function toText(json: string): string {
  const { level, time, msg = '', error, ...fields } = JSON.parse(json) as LogLine;
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  const head = [time.slice(11, 23), (LEVELS[level] ?? String(level)).padEnd(5), msg, ...pairs].join(' ');
  return error === undefined ? `${head}\n` : `${head}\n${showError(error)}\n`;
}

function show(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value);
}

/** With its stack, which names its causes too. */
function showError(error: unknown): string {
  const { stack, message } = error as { readonly stack?: string; readonly message?: string };
  return (stack ?? message ?? JSON.stringify(error)).replace(/^/gm, '    ');
}
