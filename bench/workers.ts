import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { spawnNode, type Cores } from './cores';

/** A process of the benchmark that answers one question at a time. */
export interface Worker<Question, Answer> {
  ask(question: Question): Promise<Answer>;
  stop(): void;
}

/** Starts a TypeScript file of this folder as a process that calls `answerQuestions`. */
export function startWorker<Question extends object, Answer>(
  file: string,
  on: keyof Cores,
  args: readonly string[] = [],
): Worker<Question, Answer> {
  const here = (name: string): string => path.join(__dirname, name);
  const nodeArgs = ['-r', here('register.cjs'), here(`${file}.ts`), ...args];
  const child: ChildProcess = spawnNode(nodeArgs, { on, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let answered: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  child.on('message', (answer: Answer) => answered?.resolve(answer));
  child.on('exit', () => answered?.reject(new Error(`${file} ended before it answered.`)));
  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        answered = { resolve, reject };
        child.send(question);
      }),
    stop: () => void child.kill(),
  };
}

/** The other end of a worker. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it says what the caller is asked
export function answerQuestions<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  process.on('message', (question: Question) => {
    void answer(question).then((value) => process.send?.(value));
  });
  process.on('disconnect', () => process.exit());
}
