import { z } from 'zod';

/** The tasks that models can serve, by the name used in files and settings. */
export const TASK_NAMES = ['classify-image', 'sentiment', 'fraud-score'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected small letters, digits and hyphens, at most 63');
/** Numbers joined by dots or hyphens, with letters allowed: orders as numbers where it is numbers. */
export const VERSION_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const version = z.string().regex(VERSION_PATTERN, 'expected letters, digits, dots and hyphens, at most 63');
/** A path inside the version's folder: no way out of it. */
const fileName = z
  .string()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/,
    "expected a path inside the version's folder",
  );

const tensor = z.strictObject({
  name: z.string().min(1),
  type: z.string().min(1),
  shape: z.array(z.union([z.int().positive(), z.string().min(1)])),
});

const preprocessing = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('image'),
    size: z.int().min(1).max(4096),
    cropFraction: z.union([z.number().gt(0).max(1), z.literal('size/(size+32)')]),
    resize: z.literal('bilinear'),
    layout: z.literal('NHWC'),
    type: z.literal('uint8'),
  }),
  z.strictObject({ kind: z.literal('text'), tokenizer: fileName, maxTokens: z.int().min(2).max(8192) }),
  z.strictObject({
    kind: z.literal('features'),
    order: z.array(z.string()).min(1),
    usual: z.array(z.number()).min(1),
  }),
]);

const postprocessing = z.union([
  z.strictObject({ labels: z.union([z.array(z.string().min(1)).min(1), fileName]) }),
  z.strictObject({
    threshold: z.number().min(0).max(1),
    levels: z.strictObject({ MEDIUM: z.number().min(0).max(1) }),
  }),
]);

/** `models/<model>/<version>/manifest.json`; `models/README.md` explains each key. */
export const manifestSchema = z.strictObject({
  manifest: z.literal(1),
  model: name,
  version,
  task: z.enum(TASK_NAMES),
  createdAt: z.iso.datetime(),
  files: z
    .record(fileName, z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().nonnegative() }))
    .refine((files) => 'model.onnx' in files, 'expected an entry for model.onnx'),
  inputs: z.array(tensor).min(1),
  outputs: z.array(tensor).min(1),
  preprocessing,
  postprocessing,
  batching: z.strictObject({ maxBatchSize: z.int().min(1).max(1024) }),
  golden: z.strictObject({
    file: fileName,
    compare: z.enum(['probabilities', 'top']),
    tolerance: z.number().gt(0).max(1),
  }),
  card: z.strictObject({
    summary: z.string(),
    intendedUse: z.string(),
    limits: z.string(),
    license: z.string(),
    source: z.string(),
    metrics: z.array(z.strictObject({ name: z.string(), dataset: z.string(), value: z.number() })),
  }),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** `models/<model>/model.json`. */
export const modelFileSchema = z.strictObject({
  name,
  task: z.enum(TASK_NAMES),
  default: z.boolean().default(false),
  description: z.string(),
  promotion: z.enum(['manual', 'automatic']).default('manual'),
  keepLoaded: z.int().min(1).max(100).default(3),
});
export type ModelFile = z.infer<typeof modelFileSchema>;

/** `golden.json`; the task knows what its inputs and outputs hold. */
export const goldenFileSchema = z.strictObject({
  examples: z
    .array(
      z.strictObject({
        note: z.string(),
        input: z.record(z.string(), z.unknown()),
        outputs: z.record(z.string(), z.unknown()),
      }),
    )
    .min(1),
});
export type GoldenExample = z.infer<typeof goldenFileSchema>['examples'][number];

/** Parses a JSON text against a schema. Throws one Error that names the file and every key that is wrong. */
export function parseJsonFile<Schema extends z.ZodType>(schema: Schema, text: string, file: string): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const faults = issues.slice(0, MAX_FAULTS).map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  if (issues.length > MAX_FAULTS) faults.push(`and ${issues.length - MAX_FAULTS} more`);
  throw new Error(shorten(`${file} does not fit its schema. ${faults.join('; ')}`));
}

/** Faults that are named; whoever mends these sees the next. */
const MAX_FAULTS = 10;
/** Characters of a reason: it is logged, stored and sent to every subscriber. */
const MAX_REASON = 1_000;

function shorten(text: string): string {
  return text.length <= MAX_REASON ? text : `${text.slice(0, MAX_REASON)}…`;
}
