import { AppError } from '../errors';
import { Slices } from '../slices';

/** Operations that may wait for a turn, each with its document: some seconds of work. */
const MAX_WAITING = 5_000;

/**
 * Turns for what many may ask for at once and is no prediction: it is taken up in slices, and for as long as some of it waits
 * half the time is left to everybody else, and to engine processes that share a core with the server; four fifths while
 * predictions are under way. A request may take milliseconds, so each turn ends with a look at the clock.
 * @param isPredicting whether predictions are under way now
 */
export function createTurns(isPredicting: () => boolean): Slices {
  return new Slices({ sliceMs: 2, turnsAtOnce: 1, restMs: 2, isBusy: isPredicting, longestRestMs: 8 });
}

/** A turn for one more operation. Throws OVERLOADED where too many wait. */
export function takeTurn(turns: Slices): Promise<void> {
  if (turns.length >= MAX_WAITING)
    throw new AppError('OVERLOADED', `${MAX_WAITING} operations wait for their turns. Try again later.`, {
      extensions: { retryAfterMs: 1_000 },
    });
  return turns.turn();
}
