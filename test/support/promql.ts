/** What an expression asks of a metric: its name, and the labels it is told apart by. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** The metrics that a PromQL expression reads. Functions and keywords are told from metrics by their underscores. */
export function selectorsOf(expression: string): Selector[] {
  const grouped = groupedBy(expression);
  const bare = expression.replaceAll(/\b(?:by|without)\s*\([^)]*\)/g, '').replaceAll(/"[^"]*"/g, '""');
  return [...bare.matchAll(/\b(up|(?:predictql|process|nodejs)_\w+)\s*(?:\{([^}]*)\})?/g)].map(
    ([, metric = '', matchers = '']) => ({
      metric,
      labels: [...matchers.matchAll(/(\w+)\s*[=!]~?/g)].map(([, label = '']) => label).concat(grouped),
    }),
  );
}

/** The labels that its sums are by. */
function groupedBy(expression: string): string[] {
  return [...expression.matchAll(/\bby\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );
}
