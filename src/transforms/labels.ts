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

/** Indices of the `count` (1 or more) largest values that are at least `least`, largest first; equal values keep their order. */
export function topIndices(values: Float32Array, { count, least }: { count: number; least: number }): number[] {
  const top: number[] = [];
  // One pass with a short list kept in order: sorting a thousand classes to show five took a tenth of a millisecond.
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    const isFull = top.length === count;
    if (!(value >= least) || (isFull && value <= (values[top[count - 1] as number] as number))) continue;
    if (isFull) top.pop();
    let place = top.length;
    while (place > 0 && (values[top[place - 1] as number] as number) < value) place--;
    top.splice(place, 0, index);
  }
  return top;
}
