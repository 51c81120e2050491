/** Sources by directive, such as `{ 'img-src': ["'self'", 'data:'] }`. */
export type Sources = Readonly<Record<string, readonly string[]>>;

/** What every page forbids: whatever its own sources do not allow, being framed, and sending forms anywhere. */
const STRICT: Sources = {
  'default-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** Headers of a page that may load only from `sources`. It is made anew for each request, so nothing keeps it. */
export function pageHeaders(sources: Sources): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy({ ...STRICT, ...sources }),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

export function contentSecurityPolicy(sources: Sources): string {
  return Object.entries(sources)
    .map(([directive, allowed]) => [directive, ...allowed].join(' '))
    .join('; ');
}
