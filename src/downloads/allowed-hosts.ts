/** A host that may be asked, by `images.example.org`, `images.example.org:8443` or `*.example.org`. */
export interface AllowedHost {
  /** In lower case, without `*.`. */
  readonly name: string;
  readonly port: number;
  /** Whether it stands for every name below it in place of the name itself. */
  readonly isSuffix: boolean;
}

const HTTPS_PORT = 443;
/** One label of a name, or several; the last begins with a letter, as that of no IP address does. */
const PATTERN =
  /^(\*\.)?((?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)(?::(\d{1,5}))?$/;

/** Reads a list of hosts separated by commas. Throws an Error that says what is wrong. */
export function parseAllowedHosts(list: string): readonly AllowedHost[] {
  return list.split(',').map((entry) => {
    const [, wildcard, name, port] = PATTERN.exec(entry.trim().toLowerCase()) ?? [];
    const number = port === undefined ? HTTPS_PORT : Number(port);
    if (name === undefined || name.length > 253 || number < 1 || number > 65_535)
      throw new Error('expected host names such as images.example.org, *.example.org or images.example.org:8443');
    return { name, port: number, isSuffix: wildcard !== undefined };
  });
}

export function isAllowedHost(hosts: readonly AllowedHost[], { hostname, port }: URL): boolean {
  const number = port === '' ? HTTPS_PORT : Number(port);
  return hosts.some(
    ({ name, port: allowed, isSuffix }) =>
      number === allowed && (isSuffix ? hostname.endsWith(`.${name}`) : hostname === name),
  );
}
