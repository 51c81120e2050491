import type { CallerLimits } from '../context';
import { ALL_SCOPES } from '../context';
import { KeyFile, type IssuedKey, type StoredKey } from '../guards/key-file';
import { TASK_NAMES } from '../registry/manifest';
import { formatTable } from './format-table';
import { readDuration, readMoment } from './read-time';

/** As the command line took them: texts, not yet checked. */
export interface CreateKeyOptions {
  readonly name: string;
  readonly scope: readonly string[];
  readonly expires?: string;
  readonly bulk?: boolean;
  readonly requestsPerSecond?: string;
  readonly inferenceMsPerSecond?: string;
  readonly concurrentRequests?: string;
  readonly subscriptions?: string;
}

/** What to print: to standard output what a script takes, to standard error what a person reads. */
export interface CommandOutput {
  readonly text: string;
  readonly note?: string;
}

/** What the command line does with the keys in a data folder. A running server knows of it within 250 ms. */
export interface KeyCommands {
  create(options: CreateKeyOptions): CommandOutput;
  list(): CommandOutput;
  revoke(idOrName: string): CommandOutput;
  rotate(idOrName: string, options: { readonly grace: string }): CommandOutput;
}

const SCOPES = [...TASK_NAMES.map((task) => `predict:${task}`), 'models:read', 'models:write', 'metrics:read', '*'];
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,62}$/;
const ONCE = 'It is shown this once: only its hash is kept.';

export function createKeyCommands(dataFolder: string): KeyCommands {
  const withKeys = <Result>(work: (file: KeyFile) => Result): Result => {
    const file = KeyFile.open(dataFolder);
    try {
      return work(file);
    } finally {
      file.close();
    }
  };
  return {
    create({ name, scope, expires, bulk = false, ...limits }) {
      const grant = {
        name: readName(name),
        scopes: readScopes(scope),
        expiresAt: expires === undefined ? undefined : readMoment(expires),
        priority: bulk ? ('bulk' as const) : ('interactive' as const),
        limits: readLimits(limits),
      };
      return show(withKeys((file) => file.create(grant)));
    },

    list() {
      const rows = withKeys((file) => file.list()).map(describe);
      return { text: formatTable(['NAME', 'ID', 'SCOPES', 'CLASS', 'LIMITS', 'CREATED', 'EXPIRES', 'STATE'], rows) };
    },

    revoke(idOrName) {
      const { name } = withKeys((file) => file.revoke(idOrName));
      return { text: `Key "${name}" is revoked. Its subscriptions end within a second.` };
    },

    rotate(idOrName, { grace }) {
      const graceMs = readDuration(grace);
      const issued = withKeys((file) => file.rotate(idOrName, { graceMs }));
      return show(
        issued,
        graceMs === 0
          ? 'The former one opens nothing any more.'
          : `The former one opens until ${moment(issued.stored.previous?.until)}.`,
      );
    },
  };
}

function show({ key, stored }: IssuedKey, former = ''): CommandOutput {
  const { name, scopes, expiresAt } = stored;
  const end = expiresAt ? ` until ${moment(expiresAt)}` : '';
  return { text: key, note: [`Key "${name}" may ${scopes.join(', ')}${end}. ${ONCE}`, former].join(' ').trim() };
}

function describe({ name, id, scopes, priority, limits, createdAt, expiresAt, ...key }: StoredKey): string[] {
  const listed = Object.entries(limits).map(([limit, value]) => `${limit}=${String(value)}`);
  return [
    name,
    id,
    scopes.join(' '),
    priority,
    listed.join(' ') || '-',
    moment(createdAt),
    moment(expiresAt),
    stateOf({ expiresAt, ...key }),
  ];
}

function stateOf({ revokedAt, expiresAt, previous }: Pick<StoredKey, 'revokedAt' | 'expiresAt' | 'previous'>): string {
  const now = new Date();
  if (revokedAt) return `revoked ${moment(revokedAt)}`;
  if (expiresAt && expiresAt <= now) return 'expired';
  return previous && previous.until > now ? `active, the former until ${moment(previous.until)}` : 'active';
}

function moment(date: Date | undefined): string {
  return date ? date.toISOString().replace(/\.\d+Z$/, 'Z') : '-';
}

function readName(name: string): string {
  if (NAME.test(name)) return name;
  throw new Error(`The name ${JSON.stringify(name)} is not one. Expected letters, digits and ._@-, at most 63.`);
}

function readScopes(given: readonly string[]): string[] {
  const scopes = [...new Set(given.flatMap((text) => text.split(/[\s,]+/)).filter((scope) => scope !== ''))];
  const unknown = scopes.filter((scope) => !SCOPES.includes(scope));
  if (unknown.length > 0) throw new Error(`There is no scope ${unknown.join(', ')}. There are ${SCOPES.join(', ')}.`);
  if (scopes.length === 0) throw new Error(`Expected at least one --scope out of ${SCOPES.join(', ')}.`);
  return scopes.includes(ALL_SCOPES) ? [ALL_SCOPES] : scopes;
}

function readLimits(given: Partial<Record<keyof CallerLimits, string>>): CallerLimits {
  const fractional: readonly string[] = ['requestsPerSecond', 'inferenceMsPerSecond'];
  const entries = Object.entries(given).map(([name, text]) => {
    const value = Number(text);
    if (!(value > 0) || value === Infinity) throw new Error(`Expected a number above 0 for ${name}, and got ${text}.`);
    if (!fractional.includes(name) && !Number.isInteger(value))
      throw new Error(`Expected a whole number for ${name}, and got ${text}.`);
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}
