import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../../src/errors';
import { decodeImage, type CropOptions, type DecodedImage } from '../../../src/transforms/image';
import { ROOT } from '../../support/compiled';
import { rejection } from '../../support/deferred';

const FOLDER = path.join(ROOT, 'test/fixtures/images');
/** As the shipped model takes it. */
const CROP: CropOptions = { size: 224, cropFraction: 224 / 256, maxPixels: 50_000_000 };

const expected = JSON.parse(readFileSync(path.join(FOLDER, 'expected.json'), 'utf8')) as {
  readonly pictures: readonly {
    readonly file: string;
    readonly note: string;
    readonly width: number;
    readonly height: number;
  }[];
  readonly refused: readonly { readonly file: string; readonly note: string }[];
};

const read = (file: string): Buffer => readFileSync(path.join(FOLDER, file));
const decode = (file: string, crop: Partial<CropOptions> = {}): Promise<DecodedImage> =>
  decodeImage(read(file), { ...CROP, ...crop });

/** Mean of each channel. */
function meansOf(pixels: Uint8Array): number[] {
  return [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let place = channel; place < pixels.length; place += 3) sum += pixels[place]!;
    return sum / (pixels.length / 3);
  });
}

/** Jest takes a second to compare as many numbers as a picture has. */
function areSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Mean absolute difference of two pictures of one size, in steps of 255. */
function distance(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let place = 0; place < a.length; place++) sum += Math.abs(a[place]! - b[place]!);
  return sum / a.length;
}

describe('an odd picture', () => {
  it('stands in the table of expectations, each of them', () => {
    const files = [...readdirSync(FOLDER), ...readdirSync(path.join(FOLDER, 'bad')).map((name) => `bad/${name}`)];
    const pictures = files.filter((name) => /\.(jpg|png|webp|gif|svg|bmp|tiff|pdf|avif|heic|bin)$/.test(name));
    const told = [...expected.pictures, ...expected.refused].map(({ file }) => file);
    expect(told.sort()).toEqual(pictures.sort());
  });

  it.each(expected.pictures)('is decoded with its facts: $file, $note', async ({ file, width, height }) => {
    const { pixels, facts } = await decode(file);
    const format = path.extname(file).slice(1).replace('jpg', 'jpeg');
    expect(facts).toEqual({ width, height, format, bytes: read(file).length });
    expect(pixels).toHaveLength(224 * 224 * 3);
  });
});

describe('a picture that cannot be read', () => {
  it.each(expected.refused)('is refused in words for its sender: $file, $note', async ({ file }) => {
    const error = await rejection(decode(file));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'UNSUPPORTED_IMAGE' });
    expect(error.message).toMatch(/Send (a|it) /);
    // Not what the library calls it, which is for the log.
    expect(error.message).not.toMatch(/vips|buffer|unsupported image format/i);
  });

  it('is refused for its number of pixels before they are decoded', async () => {
    const error = await rejection(decode('bad/bomb.png'));
    expect(error.message).toContain('30000 × 30000');
    expect(error.message).toContain('50000000');
  });

  it('is refused for one pixel too many, not for as many as are allowed', async () => {
    await expect(decode('one-pixel.png', { maxPixels: 1 })).resolves.toBeDefined();
    expect(await rejection(decode('wide.png', { maxPixels: 39_999 }))).toMatchObject({ code: 'UNSUPPORTED_IMAGE' });
    await expect(decode('wide.png', { maxPixels: 40_000 })).resolves.toBeDefined();
  });
});

describe('decoding', () => {
  it('turns a picture upright, whatever its orientation says', async () => {
    const upright = await decode('orientation-1.jpg');
    for (let orientation = 2; orientation <= 8; orientation++) {
      const turned = await decode(`orientation-${orientation}.jpg`);
      // They were stored by JPEG in different directions, so they differ by its noise.
      expect(distance(upright.pixels, turned.pixels)).toBeLessThan(6);
    }
  });

  it('shows the first of several frames', async () => {
    const files = ['animated.gif', 'progressive.jpg', 'animated.webp', 'orientation-1.jpg'];
    const [gif, cup, webp, motorcycle] = await Promise.all(files.map((file) => decode(file)));
    // The GIF goes on with blue and the WebP with a cat.
    expect(distance(gif!.pixels, cup!.pixels)).toBeLessThan(15);
    expect(distance(webp!.pixels, motorcycle!.pixels)).toBeLessThan(15);
  });

  it('puts what is transparent on white', async () => {
    // An ellipse was cut out, so the corners of the square are transparent; their colour is black.
    const { pixels } = await decode('rgba.png', { size: 120, cropFraction: 1 });
    expect([...pixels.subarray(0, 3), ...pixels.subarray(-3)]).toEqual([255, 255, 255, 255, 255, 255]);
  });

  it('gives all three channels of a grey picture the same value', async () => {
    const { pixels } = await decode('grey.jpg', { size: 16 });
    for (let place = 0; place < pixels.length; place += 3)
      expect([pixels[place + 1], pixels[place + 2]]).toEqual([pixels[place], pixels[place]]);
  });

  it('takes the high byte of 16 bits', async () => {
    const { pixels } = await decode('rgb-16.png');
    for (const mean of meansOf(pixels)) {
      expect(mean).toBeGreaterThan(20);
      expect(mean).toBeLessThan(235);
    }
  });

  it('passes over a colour profile, since training did', async () => {
    const [with_, without] = await Promise.all([decode('colour-profile.jpg'), decode('progressive.jpg')]);
    // The profile swaps red and blue: had it been heard, the means would be swapped.
    expect(distance(with_.pixels, without.pixels)).toBeLessThan(4);
  });

  it('makes a whole square of a single pixel', async () => {
    const { pixels } = await decode('one-pixel.png', { size: 4 });
    const [red, green, blue] = pixels;
    expect(red).toBeGreaterThan(blue!);
    for (let place = 0; place < pixels.length; place += 3)
      expect([...pixels.subarray(place, place + 3)]).toEqual([red, green, blue]);
  });

  it('cuts its square from the centre', async () => {
    const { facts } = await decode('lossless.webp');
    // Sides that can be halved twice, so that neither crop needs scaling and both have the same centre.
    const whole = Math.floor(Math.min(facts.width, facts.height) / 4) * 4;
    const [half, margin] = [whole / 2, whole / 4];
    const crop = (size: number): Promise<DecodedImage> =>
      decode('lossless.webp', { size, cropFraction: (size + 0.5) / Math.min(facts.width, facts.height) });
    const [outer, inner] = await Promise.all([crop(whole), crop(half)]);
    const middle = new Uint8Array(half * half * 3);
    for (let line = 0; line < half; line++) {
      const start = ((line + margin) * whole + margin) * 3;
      middle.set(outer.pixels.subarray(start, start + half * 3), line * half * 3);
    }
    expect(areSame(inner.pixels, middle)).toBe(true);
  });

  it('does not depend on what is decoded beside it', async () => {
    const alone = await decode('rgba.png');
    const together = await Promise.all(
      Array.from({ length: 20 }, (_, place) => decode(place % 2 === 0 ? 'rgba.png' : 'cmyk.jpg')),
    );
    together.forEach(({ pixels }, place) => {
      if (place % 2 === 0) expect(areSame(pixels, alone.pixels)).toBe(true);
    });
  });
});
