import type { Payload } from './operation';

export interface RequestBody {
  readonly body: string | FormData;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * JSON, or a multipart request where variables hold files (Blob or File), as the GraphQL multipart request
 * specification lays down: https://github.com/jaydenseric/graphql-multipart-request-spec
 */
export function createBody({ query, variables }: Payload): RequestBody {
  const files = new Map<string, Blob>();
  const json = JSON.stringify({ query, variables: withoutFiles(variables, 'variables', files) });
  if (files.size === 0) return { body: json, headers: { 'content-type': 'application/json' } };
  const form = new FormData();
  form.append('operations', json);
  const paths = [...files.keys()];
  form.append('map', JSON.stringify(Object.fromEntries(paths.map((path, index) => [index, [path]]))));
  [...files.values()].forEach((file, index) => form.append(String(index), file, nameOf(file)));
  // The boundary belongs to the content type, so that one is left to fetch.
  return { body: form, headers: { 'apollo-require-preflight': 'true' } };
}

/** The value with null in the place of each file, which is what the specification asks for. */
function withoutFiles(value: unknown, path: string, files: Map<string, Blob>): unknown {
  if (value instanceof Blob) {
    files.set(path, value);
    return null;
  }
  if (Array.isArray(value)) return value.map((item, index) => withoutFiles(item, `${path}.${index}`, files));
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutFiles(item, `${path}.${key}`, files)]),
  );
}

function nameOf(file: Blob): string {
  return 'name' in file && typeof file.name === 'string' ? file.name : 'file';
}
