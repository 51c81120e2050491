import { Slices } from '../slices';

/**
 * Turns for what many may ask for at once and is no prediction: it is taken up in slices, and for as long as some of it waits
 * half the time is left to everybody else, and to engine processes that share a core with the server. A request may take
 * milliseconds, so each turn ends with a look at the clock.
 */
export function createTurns(): Slices {
  return new Slices({ sliceMs: 2, turnsAtOnce: 1, restMs: 2 });
}
