/** A class that a model can answer with. Names repeat, codes do not. */
export interface Label {
  readonly code: string;
  readonly name: string;
  readonly definition: string | null;
}

/** Reads a table of classes in the order of the model's outputs: tab-separated, a header line, then code, name, definition. */
export function parseLabels(table: string): Label[] {
  const [header, ...lines] = table.trimEnd().split(/\r?\n/);
  if (header !== 'code\tname\tdefinition')
    throw new Error('The labels need a first line with code, name and definition, separated by tabs.');
  return lines.map((line, index) => {
    const [code, name, definition] = line.split('\t');
    if (!code || !name) throw new Error(`Line ${index + 2} of the labels needs a code and a name.`);
    return { code, name, definition: definition ?? null };
  });
}

/** Indices of the `count` largest values that are at least `least`, largest first; equal values keep their order. */
export function topIndices(values: Float32Array, { count, least }: { count: number; least: number }): number[] {
  const indices: number[] = [];
  values.forEach((value, index) => {
    if (value >= least) indices.push(index);
  });
  return indices.sort((a, b) => (values[b] as number) - (values[a] as number)).slice(0, count);
}
