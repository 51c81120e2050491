import { Max, Min } from 'class-validator';
import { ArgsType, Directive, Field, Float, InputType, Int } from 'type-graphql';
import type { Readable } from 'node:stream';
import { PredictOptions } from '../../prediction/predict-options.input';
import { Upload, Url } from '../../scalars.type';

@Directive('@oneOf')
@InputType({ description: 'JPEG, PNG, WebP or GIF (first frame): exactly one of the ways to send it.' })
export class ImageSource {
  @Field(() => String, { nullable: true, description: 'Base64, with or without a data: prefix.' })
  base64?: string | null;

  @Field(() => Upload, { nullable: true, description: 'A file of a multipart request.' })
  upload?: Promise<{ createReadStream(): Readable }> | null;

  @Field(() => Url, { nullable: true, description: 'Fetched by the server, only from hosts it was told to allow.' })
  url?: URL | null;
}

@InputType({ description: 'A picture to be classified.' })
export class ClassifyImageInput {
  @Field(() => ImageSource, { description: 'The picture.' })
  image!: ImageSource;

  @Min(1, { message: 'Expected 1 to 100.' })
  @Max(100, { message: 'Expected 1 to 100.' })
  @Field(() => Int, { defaultValue: 5, description: 'How many labels at most: 1 to 100.' })
  topK!: number;

  @Min(0, { message: 'Expected 0 to 1.' })
  @Max(1, { message: 'Expected 0 to 1.' })
  @Field(() => Float, { defaultValue: 0, description: '0 to 1: leave out less likely labels.' })
  minConfidence!: number;
}

@ArgsType()
export class ClassifyImageArgs {
  @Field(() => ClassifyImageInput, { description: 'The picture.' })
  input!: ClassifyImageInput;

  @Field(() => PredictOptions, { nullable: true, description: 'How the prediction is made.' })
  options?: PredictOptions | null;
}

@ArgsType()
export class ClassifyImageListArgs {
  @Field(() => [ClassifyImageInput], { description: '1 to 100 pictures.' })
  inputs!: ClassifyImageInput[];

  @Field(() => PredictOptions, { nullable: true, description: 'How each prediction is made.' })
  options?: PredictOptions | null;
}
