import type { Draw } from './draw';
import { edgeString, edgeValue } from './edge-values';
import { anyPicture, soundPicture, spoil } from './generated-inputs';

export interface GeneratedMultipart {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly isSound: boolean;
}

interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly content: Buffer | string;
}

const QUERY = `query ($inputs: [ClassifyImageInput!]!) {
  classifyImageList(inputs: $inputs) { labels { name confidence } image { width height format bytes } }
}`;
const ODD_PLACES = [
  '__proto__',
  'constructor.prototype.x',
  'variables.__proto__.x',
  'variables',
  '',
  'query',
  'a.b.c.d',
];

/** A request with files, as it should be or with one thing or another wrong about it. */
export function generateMultipart(draw: Draw): GeneratedMultipart {
  const isSound = draw.chance(0.2);
  const files = draw.list(1, 4, () => (isSound ? soundPicture(draw) : anyPicture(draw)));
  const variables = { inputs: files.map(() => ({ image: { upload: null } })) };
  const operations = { query: QUERY, variables };
  const map = Object.fromEntries(files.map((_, index) => [index, [`variables.inputs.${index}.image.upload`]]));
  const parts: Part[] = [
    { name: 'operations', content: JSON.stringify(isSound ? operations : maybe(draw, operations)) },
    { name: 'map', content: JSON.stringify(isSound ? map : maybeMap(draw, map)) },
    ...files.map((content, index) => ({ name: String(index), filename: `picture-${index}`, content })),
  ];
  const boundary = 'generated';
  const said = isSound ? boundary : draw.pick([boundary, boundary, boundary, boundary, 'other', '']);
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${said}`,
      ...((isSound || draw.chance(0.9)) && { 'apollo-require-preflight': 'true' }),
    },
    body: isSound ? join(parts, boundary) : spoilBytes(draw, join(spoilParts(draw, parts), boundary)),
    isSound,
  };
}

function maybe(draw: Draw, value: unknown): unknown {
  return draw.chance(0.3) ? spoil(draw, value) : value;
}

function maybeMap(draw: Draw, map: Record<string, unknown>): unknown {
  if (draw.chance(0.6)) return map;
  const place = draw.chance(0.7) ? draw.pick(ODD_PLACES) : edgeString(draw);
  return draw.chance(0.5) ? { ...map, [draw.pick(['0', '9', '__proto__', ''])]: [place] } : spoil(draw, map);
}

function spoilParts(draw: Draw, parts: readonly Part[]): readonly Part[] {
  const index = draw.int(0, parts.length - 1);
  return draw.weighted<() => readonly Part[]>([
    [4, () => parts],
    [2, () => parts.filter((_, place) => place !== index)],
    [1, () => [...parts].reverse()],
    [1, () => [...parts, parts[index]!]],
    [1, () => [...parts, { name: edgeString(draw).slice(0, 40), content: JSON.stringify(edgeValue(draw)) }]],
    [1, () => parts.map((part, place) => (place === index ? { ...part, content: edgeString(draw) } : part))],
    [1, () => parts.map((part, place) => (place === index ? { ...part, filename: '../../etc/passwd' } : part))],
    [1, () => [...parts, ...draw.list(1, 120, () => ({ name: 'more', filename: 'x', content: 'x' }))]],
  ])();
}

/** The end of the body is always the end of the request: what never ends is another test's. */
function spoilBytes(draw: Draw, body: Buffer): Buffer {
  const position = draw.int(0, body.length);
  return draw.weighted<() => Buffer>([
    [6, () => body],
    [1, () => body.subarray(0, position)],
    [1, () => Buffer.concat([body.subarray(0, position), draw.bytes(draw.int(1, 30)), body.subarray(position)])],
    [1, () => Buffer.concat([body.subarray(0, position), body.subarray(position + draw.int(1, 30))])],
  ])();
}

function join(parts: readonly Part[], boundary: string): Buffer {
  const pieces = parts.flatMap(({ name, filename, content }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"\r\ncontent-type: application/octet-stream`;
    return [`--${boundary}\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`, content, '\r\n'];
  });
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece)));
}
