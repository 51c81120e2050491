export const EVENT_KINDS = [
  'current',
  'discovered',
  'verifying',
  'loading',
  'warming',
  'ready',
  'promoted',
  'rolled_back',
  'traffic_changed',
  'draining',
  'unloaded',
  'removed',
  'failed',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** A share of the requests given to a version; 0 percent ended it. */
export interface TrafficShare {
  readonly role: 'canary' | 'shadow';
  readonly percent: number;
}

/** Something that happened to a version, before it has its place in the log. */
export interface NewEvent {
  readonly kind: Exclude<EventKind, 'current'>;
  readonly modelName: string;
  readonly version: string;
  readonly previousVersion?: string | undefined;
  readonly traffic?: TrafficShare | undefined;
  /** The failure's message, or what the person who acted wrote. */
  readonly reason?: string | undefined;
  /** Who acted; undefined where the server acted by itself. */
  readonly actor?: string | undefined;
}

/** An event in the log. Sequence numbers rise by time of commit and are never given twice. */
export interface LoggedEvent extends NewEvent {
  readonly sequence: number;
  readonly at: Date;
}

/** Which events somebody wants; what is left out matches all. */
export interface EventFilter {
  readonly model?: string | undefined;
  readonly kinds?: readonly EventKind[] | undefined;
}

export function matches(
  { model, kinds }: EventFilter,
  event: { readonly modelName: string; readonly kind: EventKind },
): boolean {
  return (model === undefined || event.modelName === model) && (!kinds || kinds.includes(event.kind));
}
