import type { LoggedEvent } from '../../src/events/model-version-event';
import { NO_POINTERS, promote, rollBack, setKnown, setUnloaded, type Pointers } from '../../src/registry/pointers';

/** What the events of a model lead to: told apart by whether somebody acted. */
export function replayPointers(events: readonly LoggedEvent[]): Pointers {
  return events.reduce<Pointers>((pointers, { kind, version, actor }) => {
    switch (kind) {
      case 'promoted':
        return promote(pointers, version, { byPerson: actor !== undefined });
      case 'rolled_back':
        return rollBack(pointers, version);
      case 'draining':
        return actor === undefined ? pointers : setUnloaded(pointers, version, true);
      case 'verifying':
        return setUnloaded(pointers, version, false);
      case 'discovered':
        return setKnown(pointers, version, true);
      case 'removed':
        return setKnown(pointers, version, false);
      default:
        return pointers;
    }
  }, NO_POINTERS);
}
