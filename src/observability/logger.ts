import { pino, type Logger } from 'pino';
import { toText } from './log-text';

export type { Logger };

export interface LoggerOptions {
  /** `json`: a line each for machines; `text`: for people. Default: json. */
  readonly format?: 'json' | 'text';
}

/** What must never be logged, should it ever be handed over: what clients send, and what they identify themselves by. */
const SECRETS = ['input', 'inputs', 'variables', 'headers', 'connectionParams', 'authorization', 'apiKey', 'token'];

/** Lines on standard error, so that standard output stays free for what a command prints. */
export function createLogger(level: string, { format = 'json' }: LoggerOptions = {}): Logger {
  const destination = pino.destination({ dest: 2, sync: false });
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      errorKey: 'error',
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
    },
    format === 'json' ? destination : { write: (line: string) => destination.write(toText(line)) },
  );
}
