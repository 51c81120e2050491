import { Readable } from 'node:stream';
import { AppError } from '../../../src/errors';
import { readImageSource, type ImageSourceData } from '../../../src/transforms/image-source';
import { rejection } from '../../support/deferred';

const BYTES = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 250]);
const BASE64 = BYTES.toString('base64');

const read = (source: ImageSourceData, maxBytes = 1_000): Promise<Buffer> => readImageSource(source, { maxBytes });

function upload(...chunks: readonly Buffer[]): { source: ImageSourceData; stream: Readable } {
  const stream = Readable.from(chunks);
  return { source: { upload: Promise.resolve({ createReadStream: () => stream }) }, stream };
}

describe('a picture in base64', () => {
  it.each([
    ['as it is', BASE64],
    ['with a data: prefix', `data:image/jpeg;base64,${BASE64}`],
    ['with a prefix that names no type', `data:;base64,${BASE64}`],
    ['with parameters in its prefix', `data:image/jpeg;charset=utf-8;base64,${BASE64}`],
    ['without its padding', BASE64.replace(/=+$/, '')],
    ['in lines', BASE64.replace(/(.{4})/g, '$1\r\n')],
    ['in the alphabet for addresses', BYTES.toString('base64url')],
  ])('is read %s', async (_, base64) => {
    expect(await read({ base64 })).toEqual(BYTES);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['only padding', '===='],
    ['a text', 'This is not base64!'],
    ['an address', 'https://example.org/cat.jpg'],
    ['a character too much', `${BASE64.replace(/=+$/, '')}A`.slice(0, 9)],
    ['one character', 'A'],
    ['a character that is none of it', 'aGVs!'],
    ['a prefix without a picture', 'data:image/png;base64,'],
    ['a prefix without a comma', `data:image/png;base64${BASE64}`],
  ])('is refused when it is %s, without being repeated', async (_, base64) => {
    const error = await rejection(read({ base64 }));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', extensions: { fields: [{ path: 'image.base64' }] } });
    if (base64.trim().length > 4) expect(error.message).not.toContain(base64);
  });

  it('is refused when it is larger than allowed, not when it is just as large', async () => {
    expect(await read({ base64: BASE64 }, BYTES.length)).toEqual(BYTES);
    const error = await rejection(read({ base64: BASE64 }, BYTES.length - 1));
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', message: expect.stringContaining('6 bytes') as string });
  });
});

describe('a picture in a multipart request', () => {
  it('is read to its end', async () => {
    const { source } = upload(BYTES.subarray(0, 3), BYTES.subarray(3));
    expect(await read(source)).toEqual(BYTES);
  });

  it('is read no further than is allowed', async () => {
    const { source, stream } = upload(...Array.from({ length: 100 }, () => Buffer.alloc(10)));
    expect(await rejection(read(source, 25))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(stream.destroyed).toBe(true);
  });

  it.each([
    ['that is cut off is refused', new Error('Unexpected end of form'), /Expected a file in the multipart request/],
    ['fails with a failure of ours', Object.assign(new Error('full'), { code: 'ENOSPC' }), /^full$/],
  ])('%s', async (_what, failure, says) => {
    const stream = new Readable({
      read() {
        this.destroy(failure);
      },
    });
    await expect(read({ upload: Promise.resolve({ createReadStream: () => stream }) })).rejects.toThrow(says);
  });
});

describe('a picture by its address', () => {
  it('is not fetched, and the client is told what to send instead', async () => {
    const error = await rejection(read({ url: new URL('http://169.254.169.254/secret') }));
    expect(error).toMatchObject({ code: 'BAD_USER_INPUT', extensions: { fields: [{ path: 'image.url' }] } });
    expect(error.message).toContain('base64');
    expect(error.message).not.toContain('169.254');
  });
});

describe('a picture that is at hand', () => {
  it('is taken as it is', async () => {
    expect(await read({ bytes: BYTES }, 1)).toBe(BYTES);
  });
});
