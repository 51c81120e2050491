import { AppError } from '../errors';
import type { Admission } from '../prediction/admission';
import { Slices } from '../slices';

/** Operations that may wait for a turn, each with its document: some seconds of work. */
const MAX_WAITING = 5_000;

/**
 * Turns for what many may ask for at once and is no prediction: it is taken up in slices, and for as long as some of it waits
 * half the time is left to everybody else, and to engine processes that share a core with the server; four fifths while
 * predictions are under way. A request may take milliseconds, so each turn ends with a look at the clock.
 * @param predictions those under way now
 */
export function createTurns(predictions: Pick<Admission, 'inUse'>): Slices {
  const isBusy = (): boolean => predictions.inUse > 0;
  return new Slices({ sliceMs: 2, turnsAtOnce: 1, restMs: 2, isBusy, longestRestMs: 8 });
}

/** A turn for one more operation. Throws OVERLOADED where too many wait. */
export function takeTurn(turns: Slices): Promise<void> {
  if (turns.length >= MAX_WAITING)
    throw new AppError('OVERLOADED', `${MAX_WAITING} operations wait for their turns. Try again later.`, {
      extensions: { retryAfterMs: 1_000 },
    });
  return turns.turn();
}
