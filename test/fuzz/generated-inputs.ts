import { readPicture } from '../support/inputs';
import type { Draw } from './draw';
import { edgeString, edgeValue } from './edge-values';

const PICTURES = [
  'one-pixel.png',
  'lossless.webp',
  'alpha.webp',
  'animated.gif',
  'grey.jpg',
  'orientation-6.jpg',
  'palette-alpha.png',
  'progressive.jpg',
  'grey-16.png',
  'interlaced.png',
  'cmyk.jpg',
  'bad/truncated.jpg',
  'bad/truncated.webp',
  'bad/wrong-checksum.png',
  'bad/header-only.gif',
  'bad/head.avif',
  'bad/drawing.svg',
  'bad/picture.tiff',
].map(readPicture);
/** Those that are read. */
const SOUND_PICTURES = 11;
const WORDS = 'not a very good bad film service 5 stars ! never again, I loved it 😀 naïve 映画 was'.split(' ');

/** A picture that is read. */
export function soundPicture(draw: Draw): Buffer {
  return draw.pick(PICTURES.slice(0, SOUND_PICTURES));
}

/** A picture as it is, damaged, or no picture at all. */
export function anyPicture(draw: Draw): Buffer {
  const picture = Buffer.from(draw.pick(PICTURES));
  const position = (): number => draw.int(0, Math.max(0, picture.length - 1));
  return draw.weighted<() => Buffer>([
    [1, () => picture],
    // The head holds sizes and types, so most damage is done there.
    [
      4,
      () =>
        damage(
          picture,
          draw.list(1, 8, () => [draw.int(0, Math.min(64, picture.length - 1)), draw.int(0, 255)]),
        ),
    ],
    [
      3,
      () =>
        damage(
          picture,
          draw.list(1, 40, () => [position(), draw.int(0, 255)]),
        ),
    ],
    [2, () => picture.subarray(0, position())],
    [1, () => picture.subarray(position())],
    [1, () => Buffer.concat([picture, draw.pick(PICTURES)])],
    [1, () => Buffer.concat([picture.subarray(0, position()), draw.pick(PICTURES).subarray(position())])],
    [1, () => Buffer.concat([picture.subarray(0, 12), draw.bytes(draw.int(0, 200))])],
    [1, () => draw.bytes(draw.int(0, 400))],
  ])();
}

function damage(picture: Buffer, changes: readonly (readonly number[])[]): Buffer {
  for (const [index = 0, byte = 0] of changes) if (index >= 0 && index < picture.length) picture[index] = byte;
  return picture;
}

/** Inputs that must be answered, by the name of their type. */
export const SOUND_INPUTS: Readonly<Record<string, (draw: Draw) => Record<string, unknown>>> = {
  ClassifyImageInput: (draw) => ({
    image: { base64: soundPicture(draw).toString('base64') },
    ...(draw.chance(0.5) && { topK: draw.int(1, 100) }),
    ...(draw.chance(0.3) && { minConfidence: draw.pick([0, 1, draw.float(0, 1)]) }),
  }),
  SentimentInput: (draw) => ({ text: draw.list(1, draw.pick([3, 20, 20, 200]), () => draw.pick(WORDS)).join(' ') }),
  FraudScoreInput: (draw) => ({
    amount: draw.pick([0.01, 1e12, draw.float(1, 1_000)]),
    occurredAt: `20${two(draw.int(0, 40))}-${two(draw.int(1, 12))}-${two(draw.int(1, 28))}T${two(draw.int(0, 23))}:${two(draw.int(0, 59))}`,
    customer: windows(draw, 'averageAmount', 1_000),
    terminal: windows(draw, 'fraudShare', 1),
  }),
};

/** Inputs in which something may be wrong. */
export function anyInput(draw: Draw, type: string): unknown {
  const sound = SOUND_INPUTS[type];
  if (!sound) return edgeValue(draw);
  const input = sound(draw);
  if (type === 'ClassifyImageInput' && draw.chance(0.7)) input['image'] = anyImageSource(draw);
  if (type === 'SentimentInput' && draw.chance(0.5)) input['text'] = edgeString(draw);
  return draw.chance(0.5) ? spoil(draw, input) : input;
}

/** Replaces, adds or removes one thing somewhere within a value. */
export function spoil(draw: Draw, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || draw.chance(0.15)) return edgeValue(draw);
  if (Array.isArray(value)) {
    const index = draw.int(0, Math.max(0, value.length - 1));
    return value.map((item: unknown, place) => (place === index ? spoil(draw, item) : item));
  }
  const entries = Object.entries(value);
  const kind = draw.int(0, 9);
  if (kind === 0) entries.push([edgeString(draw), edgeValue(draw)]);
  else if (kind === 1) entries.splice(draw.int(0, entries.length - 1), 1);
  else {
    const entry = draw.pick(entries);
    return Object.fromEntries(entries.map((each) => (each === entry ? [each[0], spoil(draw, each[1])] : each)));
  }
  return Object.fromEntries(entries);
}

function anyImageSource(draw: Draw): Record<string, unknown> {
  const base64 = anyPicture(draw).toString('base64');
  return draw.weighted<() => Record<string, unknown>>([
    [12, () => ({ base64 })],
    [1, () => ({ base64: `data:image/png;base64,${base64}` })],
    [1, () => ({ base64: base64.slice(0, draw.int(0, base64.length)) })],
    [1, () => ({ base64: edgeString(draw) })],
    [1, () => ({ url: edgeString(draw) })],
    [1, () => ({ upload: edgeValue(draw) })],
    [1, () => ({ base64, url: 'https://example.test/' })],
  ])();
}

function windows(draw: Draw, rate: string, most: number): Record<string, unknown> {
  let transactions = 0;
  return Object.fromEntries(
    ['last1Day', 'last7Days', 'last30Days'].map((window) => {
      transactions += draw.int(0, 20);
      return [window, { transactions, [rate]: transactions === 0 ? 0 : draw.float(0, most) }];
    }),
  );
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
