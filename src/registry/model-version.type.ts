import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { DateTime, SafeInt } from '../scalars.type';
import type { Manifest } from './manifest';
import { VersionPhaseEnum } from './model-enums.type';
import type { Model } from './model';
import type { ModelVersion, Phase } from './model-version';
import type { VersionStatistics } from './version-statistics';
import { ModelType } from './model.type';

@ObjectType('VersionFailure', { description: 'Why a version is FAILED.', simpleResolvers: true })
export class VersionFailureType {
  @Field(() => VersionPhaseEnum, { description: 'The phase in which it failed.' })
  during!: Phase;

  @Field(() => String, { description: 'For programs, such as CHECKSUM_MISMATCH.' })
  code!: string;

  @Field(() => String, { description: 'What was found, what was expected, and the cure.' })
  message!: string;

  @Field(() => DateTime, { description: 'When it failed.' })
  at!: Date;
}

@ObjectType('TensorSpec', { description: "An input or output of the model's graph.", simpleResolvers: true })
export class TensorSpecType {
  @Field(() => String, { description: "The graph's name for it." })
  name!: string;

  @Field(() => String, { description: "ONNX's name of the element type, such as float32." })
  type!: string;

  @Field(() => [Int], { nullable: 'items', description: 'Size of each dimension; null: any size.' })
  shape!: (number | null)[];
}

@ObjectType('GoldenGate', {
  description: 'How the golden examples came out when the version was loaded.',
  simpleResolvers: true,
})
export class GoldenGateType {
  @Field(() => Int, { description: 'How many there are.' })
  examples!: number;

  @Field(() => Int, { description: 'How many were reproduced within the tolerance.' })
  passed!: number;

  @Field(() => Float, { description: 'The largest difference that was seen, of probabilities: 0 to 1.' })
  worstDifference!: number;

  @Field(() => Float, { description: 'The largest difference allowed: 0 to 1.' })
  tolerance!: number;

  @Field(() => DateTime, { description: 'When they were run.' })
  at!: Date;
}

@ObjectType('ModelMetric', { description: 'A figure that was measured.', simpleResolvers: true })
export class ModelMetricType {
  @Field(() => String, { description: 'Such as accuracy.' })
  name!: string;

  @Field(() => String, { description: 'What it was measured on, with its size.' })
  dataset!: string;

  @Field(() => Float, { description: 'In the unit its name says; shares are 0 to 1.' })
  value!: number;
}

@ObjectType('ModelCard', { description: 'What people should know of a version.', simpleResolvers: true })
export class ModelCardType {
  @Field(() => String, { description: 'What it is, in a few sentences.' })
  summary!: string;

  @Field(() => String, { description: 'What it is for, and what it must not be used for.' })
  intendedUse!: string;

  @Field(() => String, { description: 'Known weaknesses, with inputs and real answers.' })
  limits!: string;

  @Field(() => String, { description: 'On what terms it may be used.' })
  license!: string;

  @Field(() => String, { description: 'Where weights and data come from.' })
  source!: string;

  @Field(() => [ModelMetricType], { description: 'What was measured.' })
  metrics!: ModelMetricType[];
}

@ObjectType('VersionStatistics', {
  description: 'What a version did since it was loaded. Milliseconds are totalMs of answers.',
})
export class VersionStatisticsType {
  constructor(private readonly statistics: VersionStatistics) {}

  @Field(() => DateTime, { nullable: true, description: 'When counting began; null before it was first loaded.' })
  get since(): Date | null {
    return this.statistics.since ?? null;
  }

  @Field(() => SafeInt, { description: 'Answers given.' })
  get predictions(): number {
    return this.statistics.predictions;
  }

  @Field(() => SafeInt, { description: 'Predictions that failed for no fault of the input.' })
  get failures(): number {
    return this.statistics.failures;
  }

  @Field(() => SafeInt, { description: 'Inference calls.' })
  get batches(): number {
    return this.statistics.batches;
  }

  @Field(() => Float, { nullable: true, description: 'Rows per inference call; null before the first.' })
  get meanBatchSize(): number | null {
    return this.statistics.meanBatchSize ?? null;
  }

  @Field(() => Float, { nullable: true, description: 'Half of the answers took at most so many milliseconds.' })
  get p50Ms(): number | null {
    return this.statistics.percentileMs(50) ?? null;
  }

  @Field(() => Float, { nullable: true, description: '95 of 100 answers took at most so many milliseconds.' })
  get p95Ms(): number | null {
    return this.statistics.percentileMs(95) ?? null;
  }

  @Field(() => Float, { nullable: true, description: '99 of 100 answers took at most so many milliseconds.' })
  get p99Ms(): number | null {
    return this.statistics.percentileMs(99) ?? null;
  }
}

@ObjectType('ModelVersion', {
  description: 'A version of a model. What its manifest says is null where the manifest cannot be read.',
})
export class ModelVersionType {
  constructor(
    private readonly owner: Model,
    private readonly subject: ModelVersion,
  ) {}

  @Field(() => ID, { description: "Unique among all objects; for a client's cache." })
  get id(): string {
    return `ModelVersion:${this.subject.key}`;
  }

  @Field(() => ModelType, { description: 'The model it is a version of.' })
  get model(): ModelType {
    return new ModelType(this.owner);
  }

  @Field(() => String, { description: 'Its name within the model, such as 2.' })
  get version(): string {
    return this.subject.version;
  }

  @Field(() => VersionPhaseEnum, { description: 'Where it stands between the store and its answers.' })
  get phase(): string {
    return this.subject.phase;
  }

  @Field(() => Boolean, { description: 'Whether it answers when no version is named.' })
  get isLive(): boolean {
    return this.owner.live === this.subject;
  }

  @Field(() => VersionFailureType, { nullable: true, description: 'Why it is FAILED; null in every other phase.' })
  get failure(): VersionFailureType | null {
    const { state } = this.subject;
    if (state.phase !== 'failed') return null;
    const { during, error, at } = state;
    return { during, code: error.code, message: error.message, at };
  }

  @Field(() => String, { nullable: true, description: 'Of model.onnx, 64 hexadecimal digits.' })
  get sha256(): string | null {
    return this.modelFile?.sha256 ?? null;
  }

  @Field(() => SafeInt, { nullable: true, description: 'Of model.onnx, in bytes.' })
  get sizeBytes(): number | null {
    return this.modelFile?.bytes ?? null;
  }

  @Field(() => DateTime, { nullable: true, description: 'Since when it can answer; null while it cannot.' })
  get loadedAt(): Date | null {
    return this.subject.servable?.loadedAt ?? null;
  }

  @Field(() => [TensorSpecType], { nullable: true, description: 'What the graph takes.' })
  get inputs(): TensorSpecType[] | null {
    return this.manifest?.inputs.map(toSpec) ?? null;
  }

  @Field(() => [TensorSpecType], { nullable: true, description: 'What the graph gives.' })
  get outputs(): TensorSpecType[] | null {
    return this.manifest?.outputs.map(toSpec) ?? null;
  }

  @Field(() => [String], { nullable: true, description: 'What the version can answer with, where it has labels.' })
  get labels(): readonly string[] | null {
    return this.subject.labels ?? null;
  }

  @Field(() => GoldenGateType, { nullable: true, description: 'Null before its golden examples were run.' })
  get goldenGate(): GoldenGateType | null {
    return this.subject.servable?.golden ?? null;
  }

  @Field(() => ModelCardType, { nullable: true, description: 'What people should know of it.' })
  get card(): ModelCardType | null {
    return this.manifest?.card ?? null;
  }

  @Field(() => VersionStatisticsType, { description: 'What it did since it was loaded.' })
  get statistics(): VersionStatisticsType {
    return new VersionStatisticsType(this.subject.statistics);
  }

  private get manifest(): Manifest | undefined {
    return this.subject.manifest;
  }

  private get modelFile(): Manifest['files'][string] | undefined {
    return this.manifest?.files['model.onnx'];
  }
}

function toSpec({ name, type, shape }: Manifest['inputs'][number]): TensorSpecType {
  return { name, type, shape: shape.map((size) => (typeof size === 'number' ? size : null)) };
}
