/** What a field's cost is reckoned from: its arguments as sent, and what is selected of each result. */
export interface CostFacts {
  readonly args: Readonly<Record<string, unknown>>;
  readonly childComplexity: number;
}

/** One inference, and those that the selected fields need. */
export function costOfOne({ childComplexity }: CostFacts): number {
  return 1 + childComplexity;
}

/** The same for each item. */
export function costOfList({ args, childComplexity }: CostFacts): number {
  const { inputs } = args;
  return (Array.isArray(inputs) ? inputs.length : 1) * (1 + childComplexity);
}
