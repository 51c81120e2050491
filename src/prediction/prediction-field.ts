import { requireScope, type RequestContext } from '../context';
import { AppError, badUserInput, type FieldFault } from '../errors';
import { toSettings, type PredictOptions } from './predict-options.input';
import type { Predicted, Predictor } from './predictor';
import type { Task } from './task';
import { findFaults } from '../validate-input';

/** Items of one list, at most. */
export const MAX_LIST_ITEMS = 100;

export interface PredictionArgs<Input> {
  readonly input: Input;
  readonly options?: PredictOptions | null | undefined;
}

export interface PredictionListArgs<Input> {
  readonly inputs: readonly Input[];
  readonly options?: PredictOptions | null | undefined;
}

/** What stands between a GraphQL field and the predictor: limits are checked here, and faults get their paths. */
export class PredictionField {
  constructor(private readonly predictor: Predictor) {}

  /** One prediction. Throws BAD_USER_INPUT with all faults of input and options at once. */
  async one<Input extends object, Assets, Result>(
    task: Task<Input, Assets, unknown, Result>,
    { input, options }: PredictionArgs<Input>,
    context: RequestContext,
  ): Promise<Predicted<Result, Assets>> {
    requireScopes(options, context);
    refuse([...findFaults(input, 'input'), ...findOptionFaults(options)]);
    return this.predict(task, { input, path: 'input', options, context });
  }

  /** A prediction for each item; what an item fails with stands in its place and does not concern the others. */
  list<Input extends object, Assets, Result>(
    task: Task<Input, Assets, unknown, Result>,
    { inputs, options }: PredictionListArgs<Input>,
    context: RequestContext,
  ): Promise<Predicted<Result, Assets>>[] {
    requireScopes(options, context);
    refuse([...findLengthFaults(inputs), ...findOptionFaults(options)]);
    return inputs.map(async (input, index) => {
      const path = `inputs.${index}`;
      refuse(findFaults(input, path));
      return this.predict(task, { input, path, options, context });
    });
  }

  private async predict<Input, Assets, Result>(
    task: Task<Input, Assets, unknown, Result>,
    { input, path, options, context }: PredictionArgs<Input> & { path: string; context: RequestContext },
  ): Promise<Predicted<Result, Assets>> {
    try {
      return await this.predictor.predict(task, { input, settings: toSettings(options), context });
    } catch (error) {
      throw error instanceof AppError && error.code === 'BAD_USER_INPUT' ? withPath(error, path) : error;
    }
  }
}

/** Which versions there are is not for everybody who may ask the live one. */
function requireScopes(options: PredictOptions | null | undefined, { caller }: RequestContext): void {
  if (options?.version) requireScope(caller, 'models:read');
}

function refuse(faults: readonly FieldFault[]): void {
  if (faults.length > 0) throw badUserInput(faults);
}

function findOptionFaults(options: PredictOptions | null | undefined): FieldFault[] {
  return options ? findFaults(options, 'options') : [];
}

function findLengthFaults(inputs: readonly unknown[]): FieldFault[] {
  if (inputs.length >= 1 && inputs.length <= MAX_LIST_ITEMS) return [];
  return [{ path: 'inputs', message: `Expected 1 to ${MAX_LIST_ITEMS} items; there are ${inputs.length}.` }];
}

/** A task knows the fault's path within its input, but not where that input stands. */
function withPath(error: AppError, parent: string): AppError {
  const faults = error.extensions['fields'] as readonly FieldFault[];
  return badUserInput(faults.map(({ path, message }) => ({ path: `${parent}.${path}`, message })));
}
