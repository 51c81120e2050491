import { pino, type Logger } from 'pino';
import { LogOutput } from './log-output';
import { toText } from './log-text';

export type { Logger };

export interface LoggerOptions {
  /** `json`: a line each for machines; `text`: for people. Default: json. */
  readonly format?: 'json' | 'text';
  /** Default: standard error, so that standard output stays free for what a command prints. */
  readonly output?: LogOutput;
}

/** What must never be logged, should it ever be handed over: what clients send, and what they identify themselves by. */
const SECRETS = ['input', 'inputs', 'variables', 'headers', 'connectionParams', 'authorization', 'apiKey', 'token'];

/** pino's level of warnings. */
const WARN = 40;
/** Where a stream says so, pino tells it the level of each line. */
const METADATA = Symbol.for('pino.metadata');

/** Information is written several lines at a time; a warning, an error, and what a person reads, at once. */
export function createLogger(
  level: string,
  { format = 'json', output = new LogOutput(2) }: LoggerOptions = {},
): Logger {
  const log = pino(
    {
      level,
      base: undefined,
      timestamp: createClock(),
      errorKey: 'error',
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    },
    format === 'json' ? linesTo(output) : { write: (line: string) => output.write(toText(line), true) },
  );
  output.onDropped = (lines) => log.warn({ lines }, 'lines of the log were dropped: it could not be written');
  return log;
}

/** The time of a line, to the millisecond in ISO 8601. Requests of one batch end in the same, so it is made once. */
function createClock(): () => string {
  let at = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== at) text = `,"time":"${new Date(now).toISOString()}"`;
    at = now;
    return text;
  };
}

function linesTo(output: LogOutput) {
  return {
    [METADATA]: true,
    lastLevel: 0,
    write(line: string): void {
      output.write(line, this.lastLevel >= WARN);
    },
  };
}
