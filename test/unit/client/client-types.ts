/** Compiled by `npm run check:types`, never run: each line without an error, or with the expected one, is a test. */
import {
  ClassifyImagesDocument,
  createPredictQLClient,
  FraudScoreDocument,
  ModelsDocument,
  SentimentDocument,
  SentimentsDocument,
  ViewerDocument,
  WatchVersionsDocument,
  type FraudScoreInput,
  type ImageSource,
} from '../../../src/client';

/** `any` is the same as everything, unless it is looked for. */
type IsAny<T> = 0 extends 1 & T ? true : false;
/** Both types are the same: neither wider nor narrower. */
type Same<A, B> = [A, B, IsAny<A>] extends [B, A, IsAny<B>] ? true : false;
declare function expectSame<A, B>(same: Same<A, B>): void;
declare function use(...values: unknown[]): void;

declare const transaction: FraudScoreInput;
const client = createPredictQLClient({ url: 'http://localhost:4000/graphql' });

export async function requests(): Promise<void> {
  const { sentiment } = await client.request(SentimentDocument, { text: 'Not bad at all.' });
  use(sentiment);
  expectSame<Extract<typeof sentiment, null | undefined>, null>(true);
  expectSame<NonNullable<typeof sentiment>['label'], 'NEGATIVE' | 'POSITIVE'>(true);
  expectSame<NonNullable<typeof sentiment>['truncated'], boolean>(true);

  const { fraudScore } = await client.request(FraudScoreDocument, { transaction });
  expectSame<NonNullable<typeof fraudScore>['riskLevel'], 'HIGH' | 'LOW' | 'MEDIUM'>(true);
  // @ts-expect-error a field that the operation does not ask for
  use(fraudScore?.reasons);
  // @ts-expect-error a root field may be null beside an error
  use(fraudScore.probability);

  const { data, errors } = await client.settle(SentimentsDocument, { texts: [{ text: 'Good.' }] });
  // @ts-expect-error an item may be null
  use(data?.sentimentList?.[0].label);
  use(errors[0]?.message);

  expectSame<Awaited<ReturnType<typeof unknownOperation>>, unknown>(true);
}

export function unknownOperation() {
  return client.request('{ viewer { name } }');
}

export async function variables(): Promise<void> {
  await client.request(ViewerDocument);
  await client.request(ModelsDocument);
  await client.request(ModelsDocument, { task: 'SENTIMENT' }, { timeoutMs: 1_000 });
  // @ts-expect-error there is no such task
  await client.request(ModelsDocument, { task: 'TRANSLATE' });
  // @ts-expect-error the text is missing
  await client.request(SentimentDocument);
  // @ts-expect-error the text is missing
  await client.request(SentimentDocument, {});
  // @ts-expect-error there is no such variable
  await client.request(SentimentDocument, { text: 'Good.', language: 'en' });
  // @ts-expect-error not a number
  await client.request(FraudScoreDocument, { transaction: { ...transaction, amount: '12' } });
  // @ts-expect-error a window is missing
  await client.request(FraudScoreDocument, { transaction: { ...transaction, terminal: {} } });
}

export async function imageSources(): Promise<void> {
  const base64: ImageSource = { base64: '/9j/' };
  const upload: ImageSource = { upload: new Blob([]) };
  const url: ImageSource = { url: 'https://example.org/cat.jpg' };
  await client.request(ClassifyImagesDocument, { images: [{ image: base64 }, { image: upload }, { image: url }] });
  // @ts-expect-error two sources
  await client.request(ClassifyImagesDocument, { images: [{ image: { base64: '/9j/', upload: new Blob([]) } }] });
  // @ts-expect-error no source at all
  await client.request(ClassifyImagesDocument, { images: [{ image: {} }] });
  // @ts-expect-error null is no source
  await client.request(ClassifyImagesDocument, { images: [{ image: { base64: null } }] });
  // @ts-expect-error there is no such source
  await client.request(ClassifyImagesDocument, { images: [{ image: { file: 'cat.jpg' } }] });
}

export async function subscriptions(): Promise<void> {
  for await (const { modelVersionChanged } of client.subscribe(WatchVersionsDocument, { model: 'fraud-detector' })) {
    expectSame<typeof modelVersionChanged.cursor, string>(true);
    // @ts-expect-error a field that the operation does not ask for
    use(modelVersionChanged.modelVersion);
  }
}
