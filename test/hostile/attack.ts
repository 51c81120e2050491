/** Something that a hostile client does to a server beside clients that mean well. */
export interface Attack {
  readonly what: string;
  /** What it may get for it: codes of errors, HTTP statuses, codes by which a WebSocket is closed; nothing else. */
  readonly gets: readonly (string | number)[];
  /** Does it, holds on where holding is the attack until `over`, and tells all that it got. */
  readonly run: (target: Target, over: Promise<unknown>) => Promise<readonly (string | number)[]>;
}

export interface Target {
  readonly origin: string;
}
