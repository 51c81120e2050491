import { ask, codesOf, dataOf, upload } from '../support/graphql';
import { asBase64, pictureInput, readFixture, readPicture } from '../support/inputs';
import { listVersionsOnDisk } from '../support/models';
import { CLASSIFY_IMAGE, CLASSIFY_IMAGE_LIST } from '../support/operations';
import { startServer, type TestServer } from '../support/server';

/** What onnxruntime in Python answers on the same files. */
const PYTHON = readFixture('images') as {
  readonly pictures: readonly OddPicture[];
  readonly golden: readonly { readonly version: string; readonly file: string; readonly answer: TopLabel }[];
};
interface TopLabel {
  readonly code: string;
  readonly confidence: number;
}
interface OddPicture {
  readonly file: string;
  readonly note: string;
  readonly width: number;
  readonly height: number;
  readonly answers: Readonly<Record<string, TopLabel>>;
}

/** Decoders differ by a few steps of 255. */
const TOLERANCE = 0.02;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

describe.each(
  listVersionsOnDisk()
    .filter(({ task }) => task === 'classify-image')
    .map((each) => [each.version, each] as const),
)('image-classifier %s', (version, { examples, read, tolerance }) => {
  const pinned = { version: { version } };
  const expectedTop = (file: string): TopLabel =>
    PYTHON.golden.find((golden) => golden.version === version && golden.file === file)!.answer;

  it.each(examples.map(({ note, input, outputs }) => [note, String(input['imageFile']), outputs] as const))(
    'answers the golden picture "%s" as Python does',
    async (_note, file, outputs) => {
      const input = { image: asBase64(read(file)), topK: 1 };
      const { classifyImage } = dataOf(await ask(server, CLASSIFY_IMAGE, { input, options: pinned }));
      const [label] = classifyImage!.labels;
      expectSameLabel(label, expectedTop(file), TOLERANCE);
      const [framework] = outputs['top'] as TopLabel[];
      expectSameLabel(label, framework!, tolerance);
      expect(classifyImage!.servedBy).toEqual({ modelName: 'image-classifier', version, role: 'PINNED' });
    },
  );

  it.each(PYTHON.pictures.map((picture) => [picture.file, picture.note, picture] as const))(
    'answers %s (%s) with the label that Python gives',
    async (file, _note, { width, height, answers }) => {
      const { classifyImage } = dataOf(
        await ask(server, CLASSIFY_IMAGE, { input: pictureInput(file), options: pinned }),
      );
      expect(classifyImage!.labels[0]!.code).toBe(answers[version]!.code);
      expect(classifyImage!.image).toMatchObject({ width, height, bytes: readPicture(file).length });
    },
  );
});

describe('the ways to send a picture', () => {
  const file = 'orientation-6.jpg';
  const classify = async (image: unknown) =>
    dataOf(await ask(server, CLASSIFY_IMAGE, { input: { image } })).classifyImage!;

  it('takes base64 with a data: prefix', async () => {
    const { base64 } = asBase64(readPicture(file));
    const withPrefix = await classify({ base64: `data:image/jpeg;base64,${base64}` });
    expect(withPrefix.labels).toEqual((await classify({ base64 })).labels);
  });

  it('takes base64 as URLs hold it, without padding', async () => {
    const base64 = readPicture(file).toString('base64url');
    expect((await classify({ base64 })).labels).toEqual((await classify(asBase64(readPicture(file)))).labels);
  });

  it('takes a file of a multipart request', async () => {
    const uploaded = await upload(server, CLASSIFY_IMAGE, {
      variables: { input: { image: { upload: null } } },
      files: { 'variables.input.image.upload': readPicture(file) },
    });
    const { labels, image } = dataOf(uploaded).classifyImage!;
    expect(labels).toEqual((await classify(asBase64(readPicture(file)))).labels);
    const { width, height } = PYTHON.pictures.find((picture) => picture.file === file)!;
    expect(image).toEqual({ width, height, format: 'jpeg', bytes: readPicture(file).length });
  });

  it('takes a list of files, each answered in its place', async () => {
    const files = ['grey.jpg', 'rgba.png', 'lossless.webp', 'animated.gif'];
    const uploaded = await upload(server, CLASSIFY_IMAGE_LIST, {
      variables: { inputs: files.map(() => ({ image: { upload: null } })) },
      files: Object.fromEntries(
        files.map((name, index) => [`variables.inputs.${index}.image.upload`, readPicture(name)]),
      ),
    });
    const formats = dataOf(uploaded).classifyImageList!.map((answer) => answer!.image.format);
    expect(formats).toEqual(['jpeg', 'png', 'webp', 'gif']);
  });

  it('refuses a multipart request that a foreign page could send', async () => {
    const { status, errors } = await upload(
      server,
      CLASSIFY_IMAGE,
      {
        variables: { input: { image: { upload: null } } },
        files: { 'variables.input.image.upload': readPicture(file) },
      },
      {},
    );
    expect(status).toBe(400);
    expect(codesOf({ errors })).toEqual(['BAD_REQUEST']);
  });
});

describe('labels', () => {
  it('come most likely first, as many as asked for', async () => {
    const { classifyImage } = dataOf(
      await ask(server, CLASSIFY_IMAGE, { input: { ...pictureInput('grey.jpg'), topK: 100 } }),
    );
    const confidences = classifyImage!.labels.map(({ confidence }) => confidence);
    expect(confidences).toHaveLength(100);
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
  });

  it('leave out what is less likely than asked for', async () => {
    const input = { ...pictureInput('grey.jpg'), topK: 100 };
    const all = dataOf(await ask(server, CLASSIFY_IMAGE, { input })).classifyImage!.labels;
    const minConfidence = all[2]!.confidence;
    const few = dataOf(await ask(server, CLASSIFY_IMAGE, { input: { ...input, minConfidence } })).classifyImage!.labels;
    expect(few).toEqual(all.slice(0, 3));
  });
});

describe('a picture that cannot be decoded', () => {
  it('costs none of 49 concurrent neighbours its answer', async () => {
    const good = pictureInput('grey.jpg');
    const bad = { image: asBase64(readPicture('bad/truncated.jpg')) };
    const inputs = Array.from({ length: 50 }, (_, index) => (index === 23 ? bad : good));
    const answers = await Promise.all(inputs.map((input) => ask(server, CLASSIFY_IMAGE, { input })));
    const codes = answers.map((answer) => codesOf(answer)[0]);
    expect(codes.filter((code) => code === undefined)).toHaveLength(49);
    expect(codes[23]).toBe('UNSUPPORTED_IMAGE');
    for (const [index, answer] of answers.entries())
      if (index !== 23) expect(answer.data?.classifyImage?.labels).toHaveLength(5);
  });
});

function expectSameLabel(actual: TopLabel | undefined, expected: TopLabel, tolerance: number): void {
  expect(actual?.code).toBe(expected.code);
  expect(Math.abs(actual!.confidence - expected.confidence)).toBeLessThanOrEqual(tolerance);
}
