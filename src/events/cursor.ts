import { AppError } from '../errors';
import type { EventLog } from './event-log';

/** A place in the log. After the cursor of a snapshot the snapshot is sent again, and then what followed. */
export interface Cursor {
  readonly sequence: number;
  readonly isSnapshot: boolean;
}

/** Opaque to clients. Snapshot cursors name their model, so that no two events have the same. */
export function encodeCursor(log: EventLog, sequence: number, snapshotOf?: string): string {
  const parts = [log.id, String(sequence), ...(snapshotOf === undefined ? [] : [snapshotOf])];
  return Buffer.from(parts.join('|')).toString('base64url');
}

/** Throws CURSOR_INVALID for what this log never gave out. */
export function decodeCursor(log: EventLog, cursor: string): Cursor {
  const [id, digits = '', snapshotOf] = Buffer.from(cursor, 'base64url').toString().split('|');
  const sequence = /^\d{1,15}$/.test(digits) ? Number(digits) : NaN;
  if (id !== log.id || !(sequence <= log.head))
    throw new AppError('CURSOR_INVALID', 'The cursor is not one of this server. Start again without it.');
  return { sequence, isSnapshot: snapshotOf !== undefined };
}

/** Throws CURSOR_EXPIRED where events after the cursor are no longer kept, so that reading on would skip some. */
export function requireKept(log: EventLog, { sequence }: Cursor): void {
  if (log.keepsAllAfter(sequence)) return;
  throw new AppError('CURSOR_EXPIRED', 'The events after the cursor are no longer kept. Start again without it.');
}
