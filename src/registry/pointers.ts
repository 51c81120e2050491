import { compareVersions } from './version-order';

/**
 * What the registry remembers of a model over a restart: which version is live, and how that came about. Plain data,
 * written to the event log beside the events that led to it.
 */
export interface Pointers {
  readonly live: string | undefined;
  /** Promotions that were not taken back, oldest first; the last one is live. */
  readonly history: readonly string[];
  /** Versions that were rolled back from: rollback never returns to them until they are promoted again. */
  readonly rolledBackFrom: readonly string[];
  /** After a rollback no version goes live by itself until a person promotes one. */
  readonly automaticRests: boolean;
  /** Versions that a person unloaded: they stay so over a restart. */
  readonly unloaded: readonly string[];
  /** Versions the store was last seen to have. */
  readonly known: readonly string[];
}

export const NO_POINTERS: Pointers = {
  live: undefined,
  history: [],
  rolledBackFrom: [],
  automaticRests: false,
  unloaded: [],
  known: [],
};

/** Promotions remembered: more than anybody rolls back. */
const MAX_HISTORY = 100;

export function promote(pointers: Pointers, version: string, { byPerson }: { readonly byPerson: boolean }): Pointers {
  return {
    ...pointers,
    live: version,
    history: [...pointers.history, version].slice(-MAX_HISTORY),
    rolledBackFrom: pointers.rolledBackFrom.filter((each) => each !== version),
    automaticRests: byPerson ? false : pointers.automaticRests,
  };
}

/** Candidates for a rollback, nearest first: below live in the history, each once, none that was rolled back from. */
export function versionsBelowLive({ live, history, rolledBackFrom }: Pointers): string[] {
  const below = history.slice(0, -1).reverse();
  return [...new Set(below)].filter((version) => version !== live && !rolledBackFrom.includes(version));
}

/** Goes back to a version below live; everything above it in the history is taken back. */
export function rollBack(pointers: Pointers, version: string): Pointers {
  return {
    ...pointers,
    live: version,
    history: pointers.history.slice(0, pointers.history.lastIndexOf(version, -2) + 1),
    rolledBackFrom: pointers.live === undefined ? pointers.rolledBackFrom : [...pointers.rolledBackFrom, pointers.live],
    automaticRests: true,
  };
}

export function setUnloaded(pointers: Pointers, version: string, isUnloaded: boolean): Pointers {
  return { ...pointers, unloaded: withMember(pointers.unloaded, version, isUnloaded) };
}

/** What is gone from the store is not remembered as unloaded: should it come back, it is new. */
export function setKnown(pointers: Pointers, version: string, isKnown: boolean): Pointers {
  const { unloaded } = isKnown ? pointers : setUnloaded(pointers, version, false);
  return { ...pointers, unloaded, known: withMember(pointers.known, version, isKnown) };
}

/**
 * Whether a version may go live by itself: newer than all that ever were, so that neither one that was taken back nor
 * one that a person passed over does.
 */
export function mayGoLive({ live, history, rolledBackFrom, automaticRests }: Pointers, version: string): boolean {
  if (live === undefined) return true;
  return !automaticRests && [...history, ...rolledBackFrom].every((other) => compareVersions(version, other) > 0);
}

function withMember(members: readonly string[], member: string, isMember: boolean): readonly string[] {
  const others = members.filter((each) => each !== member);
  return isMember ? [...others, member] : others;
}
