import { Field, Float, Int, ObjectType } from 'type-graphql';
import { PredictionInterface } from '../../prediction/prediction.type';

@ObjectType({ description: 'A class and how likely it is.', simpleResolvers: true })
export class ImageLabel {
  @Field(() => String, {
    description: "The class's own code; a WordNet id in the shipped model. Names repeat, codes do not.",
  })
  code!: string;

  @Field(() => String, { description: 'What people call it.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What the class means, where the model says.' })
  definition!: string | null;

  @Field(() => Float, { description: 'Probability, 0 to 1.' })
  confidence!: number;
}

@ObjectType('ImageFacts', { description: 'The picture as it was sent.', simpleResolvers: true })
export class ImageFactsType {
  @Field(() => Int, { description: 'Pixels, as it is looked at: after its EXIF orientation.' })
  width!: number;

  @Field(() => Int, { description: 'Pixels, as it is looked at: after its EXIF orientation.' })
  height!: number;

  @Field(() => String, { description: 'jpeg, png, webp or gif.' })
  format!: string;

  @Field(() => Int, { description: 'Size of the file.' })
  bytes!: number;
}

@ObjectType({ description: 'What an image shows.', implements: PredictionInterface, simpleResolvers: true })
export class ImageClassification extends PredictionInterface {
  @Field(() => [ImageLabel], {
    description: 'Most likely first; fewer than asked for where minConfidence leaves some out.',
  })
  labels!: ImageLabel[];

  @Field(() => ImageFactsType, { description: 'The picture as it was sent.' })
  image!: ImageFactsType;
}
