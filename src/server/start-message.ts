import type { AddressInfo } from 'node:net';
import type { ServerAccess } from '../guards/authenticate';
import type { Model } from '../registry/model';
import { GRAPHQL_PATH, PLAYGROUND_PATH } from './paths';

export interface StartFacts {
  readonly address: AddressInfo;
  readonly access: ServerAccess;
  readonly models: readonly Model[];
}

const WHO: Readonly<Record<ServerAccess, string>> = {
  keys: 'whoever has a key or token, for what its scopes allow',
  local: 'whoever is on this machine, for everything: there is no key yet (predictql keys create)',
  off: 'whoever reaches this address, for everything: PREDICTQL_AUTH=off',
};

/** What a person needs after a start: where to go, and what answers there. */
export function describeStart({ address, access, models }: StartFacts): string {
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  const origin = `${host === '127.0.0.1' ? 'localhost' : host}:${address.port}`;
  const places = [
    `  GraphQL     http://${origin}${GRAPHQL_PATH}`,
    `  Playground  http://${origin}${PLAYGROUND_PATH}`,
    `  Access      ${WHO[access]}`,
  ];
  return ['', '  PredictQL is ready.', '', ...places, '', ...models.map(describeModel), '', ''].join('\n');
}

function describeModel({ name, file, live, newestFirst }: Model): string {
  const others = newestFirst.filter((version) => version !== live);
  const listed = others.map(({ version, phase }) => (phase === 'ready' ? version : `${version} (${phase})`));
  const also = listed.length > 0 ? `, also ${listed.join(', ')}` : '';
  return `  ${file.task.padEnd(15)} ${name}: ${live ? `version ${live.version} is live` : 'nothing is live'}${also}`;
}
