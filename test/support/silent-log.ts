import { pino, type Logger } from 'pino';

/** A logger of the real kind that writes nowhere. */
export const silentLog: Logger = pino({ level: 'silent' });

export interface LogEntry extends Readonly<Record<string, unknown>> {
  readonly msg: string;
}

/** A logger of the real kind whose lines are kept. */
export function createRecordingLog(): { readonly log: Logger; readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  const log = pino(
    { level: 'trace', errorKey: 'error' },
    { write: (line: string) => entries.push(JSON.parse(line) as LogEntry) },
  );
  return { log, entries };
}
