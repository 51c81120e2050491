/** A prediction as it was asked and answered. */
export interface Answered {
  readonly task: string;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Undefined where it failed. */
  readonly version: string | undefined;
  readonly value: number | undefined;
  readonly error: string | undefined;
}

export interface Question {
  readonly task: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

type Body = { data?: Record<string, Record<string, unknown> | null> | null; errors?: { message: string }[] };

/** Asks once; a failure is an answer too. */
export async function askOnce(origin: string, { task, query, variables }: Question): Promise<Answered> {
  const sentAt = performance.now();
  try {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as Body;
    const result = Object.values(data ?? {})[0];
    const version = (result?.['servedBy'] as { version: string } | undefined)?.version;
    return {
      task,
      sentAt,
      answeredAt: performance.now(),
      version,
      value: result?.['probability'] as number | undefined,
      error: result ? undefined : (errors?.[0]?.message ?? `HTTP ${response.status}`),
    };
  } catch (error) {
    return { task, sentAt, answeredAt: performance.now(), version: undefined, value: undefined, error: String(error) };
  }
}

/** So many clients that each ask again as soon as they are answered, until the signal; `answers` grows meanwhile. */
export function startLoad(origin: string, questions: readonly { question: Question; clients: number }[]) {
  const controller = new AbortController();
  const answers: Answered[] = [];
  const loops = questions.flatMap(({ question, clients }) =>
    Array.from({ length: clients }, async () => {
      while (!controller.signal.aborted) answers.push(await askOnce(origin, question));
    }),
  );
  return {
    answers,
    async stop() {
      controller.abort();
      await Promise.all(loops);
    },
  };
}

/** Asks at a steady rate whether it is answered or not, until stopped. */
export function startRate(origin: string, question: Question, perSecond: number) {
  const answers: Answered[] = [];
  const open = new Set<Promise<unknown>>();
  const timer = setInterval(() => {
    const asked = askOnce(origin, question).then((answer) => answers.push(answer));
    open.add(asked);
    void asked.finally(() => open.delete(asked));
  }, 1_000 / perSecond);
  return {
    answers,
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}
