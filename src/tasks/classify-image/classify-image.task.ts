import type { DownloadImage } from '../../downloads/download-image';
import type { Task } from '../../prediction/task';
import type { GoldenExample } from '../../registry/manifest';
import type { StoredVersion } from '../../registry/model-store';
import { named, stackRows, type Tensors } from '../../tensor';
import { decodeImage, type CropOptions, type ImageFacts } from '../../transforms/image';
import { readImageSource, type ImageSourceData } from '../../transforms/image-source';
import { parseLabels, topIndices, type Label } from '../../transforms/labels';
import { roundProbability } from '../../transforms/round';

export interface ClassifyImageTaskInput {
  readonly image: ImageSourceData;
  /** 1 to 100. */
  readonly topK: number;
  /** 0 to 1. */
  readonly minConfidence: number;
}

export interface ImageClassificationResult {
  readonly labels: readonly (Label & { readonly confidence: number })[];
  readonly image: ImageFacts;
}

export interface ClassifyImageOptions {
  /** Larger pictures are refused before they are decoded. */
  readonly maxImagePixels: number;
  /** Of one picture as it is sent. */
  readonly maxImageBytes: number;
  /** How pictures are fetched by their addresses. Left out: they are refused. */
  readonly downloadImage?: DownloadImage | undefined;
}

export interface ClassifyImageAssets {
  readonly labels: readonly Label[];
  readonly crop: CropOptions;
  readonly inputName: string;
}

export type ClassifyImageTask = Task<
  ClassifyImageTaskInput,
  ClassifyImageAssets,
  ImageFacts,
  ImageClassificationResult
>;

/** What a picture shows: picture → square of RGB bytes → probability of each class. */
export function createClassifyImageTask(options: ClassifyImageOptions): ClassifyImageTask {
  const { maxImagePixels, maxImageBytes: maxBytes, downloadImage: download } = options;
  return {
    name: 'classify-image',

    async loadAssets(version) {
      const { preprocessing, inputs } = version.manifest;
      if (preprocessing.kind !== 'image')
        throw new Error('The task classify-image needs preprocessing of the kind "image".');
      const { size, cropFraction } = preprocessing;
      const share = cropFraction === 'size/(size+32)' ? size / (size + 32) : cropFraction;
      return {
        labels: await readLabels(version),
        crop: { size, cropFraction: share, maxPixels: maxImagePixels },
        inputName: inputs[0]?.name ?? '',
      };
    },

    labelsOf: ({ labels }) => labels.map(({ name }) => name),

    async preprocess({ image }, { crop, inputName }, asker) {
      const read = (): Promise<Buffer> =>
        readImageSource(image, { maxBytes, download, cancellation: asker?.cancellation });
      // What comes over the network would hold up others in its turn. Base64 is at hand, and takes less room as it is.
      const received = image.base64 == null ? await read() : undefined;
      const decode = async () => {
        const bytes = received ?? (await read());
        return { bytes, ...(await decodeImage(bytes, crop)) };
      };
      const { bytes, pixels, facts } = await (asker ? asker.inTurn(decode) : decode());
      // Bytes, since scaling and layout belong to the graph: a quarter of what floats would take between processes.
      const dims = [crop.size, crop.size, 3];
      return { row: { tensors: { [inputName]: { type: 'uint8', dims, data: pixels } } }, facts, bytes };
    },

    collate: stackRows,

    postprocess(outputs, { assets, facts, input }) {
      const top = topLabels(outputs, assets, { count: input.topK, least: input.minConfidence });
      const labels = top.map((label) => ({ ...label, confidence: roundProbability(label.confidence) }));
      return { labels, image: facts };
    },

    logged: {
      input: ({ topK, minConfidence }) => ({ topK, minConfidence }),
      isHashedByBytes: true,
    },

    async readGoldenInput({ input }, version) {
      const bytes = await version.readFile(String(input['imageFile']));
      return { image: { bytes }, topK: 1, minConfidence: 0 };
    },

    compareGolden(outputs, example, assets) {
      const [expected] = expectedTop(example);
      const [top] = topLabels(outputs, assets, { count: 1, least: 0 });
      const found = `the first label came as ${describe(top)}, expected was ${describe(expected)}`;
      const isSame = top !== undefined && top.code === expected?.code;
      return { difference: isSame ? Math.abs(top.confidence - expected.confidence) : Infinity, found };
    },
  };
}

function topLabels(
  outputs: Tensors,
  { labels }: ClassifyImageAssets,
  options: { readonly count: number; readonly least: number },
): ImageClassificationResult['labels'] {
  const probabilities = named(outputs, 'probabilities').data as Float32Array;
  return topIndices(probabilities, options).map((index) => ({
    ...(labels[index] as Label),
    confidence: probabilities[index] as number,
  }));
}

async function readLabels({ manifest, readFile }: StoredVersion): Promise<Label[]> {
  const { postprocessing, outputs } = manifest;
  if (!('labels' in postprocessing) || typeof postprocessing.labels !== 'string')
    throw new Error('The task classify-image needs a file of labels.');
  const labels = parseLabels((await readFile(postprocessing.labels)).toString());
  const classes = outputs[0]?.shape.at(-1);
  if (labels.length !== classes)
    throw new Error(`There are ${labels.length} labels for ${classes ?? 'an unknown number of'} classes.`);
  return labels;
}

type ExpectedLabel = Pick<Label, 'code'> & { readonly confidence: number };

function expectedTop(example: GoldenExample): readonly ExpectedLabel[] {
  return (example.outputs['top'] ?? []) as readonly ExpectedLabel[];
}

function describe(label: ExpectedLabel | undefined): string {
  return label ? `${label.code} with ${label.confidence.toFixed(4)}` : 'nothing';
}
