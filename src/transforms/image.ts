import sharp from 'sharp';
import { AppError } from '../errors';

export interface ImageFacts {
  /** Pixels, as the picture is looked at: after its EXIF orientation. */
  readonly width: number;
  readonly height: number;
  readonly format: string;
  readonly bytes: number;
}

export interface DecodedImage {
  /** RGB, 8 bits, row by row: size × size × 3 bytes. */
  readonly pixels: Uint8Array;
  readonly facts: ImageFacts;
}

export interface CropOptions {
  /** Side of the result in pixels. */
  readonly size: number;
  /** Share of the shorter side that the square in the centre has, over 0 to 1. */
  readonly cropFraction: number;
  /** Larger pictures are refused before they are decoded. */
  readonly maxPixels: number;
}

const FORMATS = ['Jpeg', 'Png', 'Webp', 'Nsgif'];

// Everything else that libvips reads, SVG first of all, is a way in for an attacker and of no use here.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: FORMATS.map((format) => `VipsForeignLoad${format}`) });
// Requests are what runs in parallel, not the parts of one picture; and no picture comes twice.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes a picture as the model's training did: orientation applied, first frame, colour profile ignored,
 * transparency on white, a square cut from the centre and scaled to `size` by bilinear filtering.
 * Throws UNSUPPORTED_IMAGE. Runs off the event loop.
 */
export async function decodeImage(
  bytes: Buffer,
  { size, cropFraction, maxPixels }: CropOptions,
): Promise<DecodedImage> {
  const { isCmyk, ...facts } = await readFacts(bytes, maxPixels);
  const side = Math.max(1, Math.floor(cropFraction * Math.min(facts.width, facts.height)));
  const colourspace = isCmyk ? 'cmyk' : 'srgb';
  try {
    const { data, info } = await open(bytes)
      .autoOrient()
      .extract({
        left: Math.floor((facts.width - side) / 2),
        top: Math.floor((facts.height - side) / 2),
        width: side,
        height: side,
      })
      .flatten({ background: 'white' })
      .pipelineColourspace(colourspace)
      .resize(size, size, { kernel: 'linear', fit: 'fill', fastShrinkOnLoad: false })
      .toColourspace(colourspace)
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const channels = isCmyk ? 4 : 3;
    if (info.channels !== channels) throw new Error(`Decoded to ${info.channels} channels instead of ${channels}.`);
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { pixels: isCmyk ? cmykToRgb(pixels) : pixels, facts };
  } catch (cause) {
    throw new AppError('UNSUPPORTED_IMAGE', `The ${facts.format} picture is damaged or incomplete. Send it whole.`, {
      cause,
    });
  }
}

/** Inks to light without a printer's profile, as PIL does it: each channel times what black leaves over. */
function cmykToRgb(inks: Uint8Array): Uint8Array {
  const pixels = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4, to += 3) {
    const light = 255 - (inks[from + 3] as number);
    for (let channel = 0; channel < 3; channel++)
      pixels[to + channel] = Math.round((light * (255 - (inks[from + channel] as number))) / 255);
  }
  return pixels;
}

async function readFacts(bytes: Buffer, maxPixels: number): Promise<ImageFacts & { readonly isCmyk: boolean }> {
  const metadata = await readMetadata(bytes);
  const { width, height } = metadata.autoOrient;
  if (width * height > maxPixels)
    throw new AppError(
      'UNSUPPORTED_IMAGE',
      `The picture has ${width} × ${height} pixels; at most ${maxPixels} are read. Send a smaller one.`,
    );
  return { width, height, format: metadata.format, bytes: bytes.length, isCmyk: metadata.space === 'cmyk' };
}

async function readMetadata(bytes: Buffer): Promise<sharp.Metadata> {
  try {
    // Of no bytes at all sharp makes no picture, and throws before there is a promise.
    return await open(bytes).metadata();
  } catch (cause) {
    throw new AppError(
      'UNSUPPORTED_IMAGE',
      `The ${bytes.length} bytes are not a picture that can be read. Send a JPEG, PNG, WebP or GIF.`,
      { cause },
    );
  }
}

function open(bytes: Buffer): sharp.Sharp {
  // The pixels were counted before anything is decoded. Warnings are left to the eye: many cameras write odd JPEGs.
  return sharp(bytes, { ignoreIcc: true, limitInputPixels: false, failOn: 'error', pages: 1 });
}
