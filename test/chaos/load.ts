import { ERROR_CODES } from '../../src/errors';
import { ask, dataOf, type Answer, type Operation } from '../support/graphql';
import { createTransaction, pictureInput } from '../support/inputs';
import { ANALYZE_SENTIMENT, CLASSIFY_IMAGE, SCORE_FRAUD } from '../support/operations';
import { FRAUD_MODEL, type World } from './world';

/** What a prediction says, in one number, and who said it. */
interface Said {
  readonly servedBy: { readonly modelName: string; readonly version: string };
  readonly score?: number;
  readonly probability?: number;
  readonly labels?: readonly { readonly confidence: number }[];
}

type Request = readonly [operation: Operation<Record<string, unknown>>, input: Readonly<Record<string, unknown>>];

const PICTURES = ['grey.jpg', 'progressive.jpg', 'alpha.webp', 'orientation-6.jpg'];
const TEXTS = [
  'The plot is thin, but I stayed to the end.',
  'Never again.',
  'I loved every minute of it, and so did the children.',
  'The room was cold, the soup was cold, and the bill was not.',
];
const AMOUNTS = [3, 52.3, 220, 980];
/** Several of each task: of rows that were mixed up, each would get another's answer. */
const REQUESTS: readonly Request[] = AMOUNTS.flatMap((amount, index): Request[] => [
  [CLASSIFY_IMAGE, pictureInput(PICTURES[index]!)],
  [ANALYZE_SENTIMENT, { text: TEXTS[index] }],
  [SCORE_FRAUD, createTransaction({ amount })],
]);
const WORKERS = 12;
/** A machine that is disturbed may take long; what is tested is that nothing is wrong or lost. */
const TIMEOUT_MS = 30_000;
/** Floats on their way through JSON. */
const TOLERANCE = 1e-6;

export interface LoadResult {
  readonly answers: number;
  /** Answers that are not what the version that gave them answers in peace. */
  readonly wrong: readonly string[];
  /** How often each code came. */
  readonly codes: ReadonlyMap<string, number>;
  /** Failures without a code that a client may see: of the connection, or masked. */
  readonly uncoded: readonly string[];
}

/** Clients of all tasks that know what each version answers, since they have asked each of them in peace. */
export class Load {
  private readonly known = new Map<string, number>();
  private readonly wrong: string[] = [];
  private readonly uncoded: string[] = [];
  private readonly codes = new Map<string, number>();
  private answers = 0;
  private isOver = false;
  private workers: Promise<unknown> = Promise.resolve();

  constructor(private readonly world: World) {}

  /** @param versions asked in peace first, of every model that has them */
  async start(versions: readonly string[]): Promise<void> {
    for (const index of REQUESTS.keys())
      for (const version of versions) {
        const answer = await this.ask(index, { version: { version } });
        // Not every model has as many versions.
        if (answer.errors.length === 0) this.known.set(...describe(index, dataOf(answer)));
      }
    this.workers = Promise.all(Array.from({ length: WORKERS }, (_, number) => this.work(number)));
  }

  /** Ends the load without a look at it. */
  end(): void {
    this.isOver = true;
  }

  /** Ends the load, and asks everything once more when all is quiet. */
  async stop(): Promise<LoadResult> {
    this.end();
    await this.workers;
    for (const index of REQUESTS.keys()) await this.askAndJudge(index);
    const { answers, wrong, codes, uncoded } = this;
    return { answers, wrong, codes, uncoded };
  }

  private async work(number: number): Promise<void> {
    for (let turn = number; !this.isOver; turn++) await this.askAndJudge(turn % REQUESTS.length);
  }

  private async askAndJudge(index: number): Promise<void> {
    try {
      this.judge(index, await this.ask(index, { timeoutMs: TIMEOUT_MS }));
    } catch (error) {
      this.uncoded.push(`${(error as Error).message}: ${String((error as Error).cause)}`);
    }
  }

  private ask(index: number, options: object): Promise<Answer<Record<string, unknown>>> {
    const [operation, input] = REQUESTS[index]!;
    return ask(this.world.server, operation, { input, options }, { headers: this.world.headers });
  }

  private judge(index: number, answer: Answer<Record<string, unknown>>): void {
    if (answer.errors.length === 0) {
      const [version, said] = describe(index, dataOf(answer));
      const known = this.known.get(version);
      if (known === undefined || !(Math.abs(known - said) <= TOLERANCE))
        this.wrong.push(`${version}: ${said} for ${known}`);
      this.answers++;
      return;
    }
    for (const { message, extensions } of answer.errors) {
      const code = extensions?.code ?? '';
      if (!Object.hasOwn(ERROR_CODES, code) || code === 'INTERNAL_SERVER_ERROR')
        this.uncoded.push(`${code} ${message}`);
      this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    }
  }
}

function describe(index: number, data: Record<string, unknown>): [request: string, said: number] {
  const { servedBy, probability, score, labels } = Object.values(data)[0] as Said;
  const { modelName, version } = servedBy;
  // Versions that come and go have the graph of the second.
  const graph = modelName === FRAUD_MODEL && version !== '1' ? '2' : version;
  return [`request ${index} by ${modelName} ${graph}`, probability ?? score ?? labels?.[0]?.confidence ?? NaN];
}
