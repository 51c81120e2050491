import { registerEnumType } from 'type-graphql';

export interface NamesOptions<Name extends string> {
  readonly name: string;
  readonly description: string;
  /** What each name means; the compiler asks for all of the union, and for no other. */
  readonly values: Readonly<Record<Name, string>>;
}

/**
 * Makes the names used inside an enum of the schema, in capitals there, so that nothing needs translating. Returns
 * what stands for the enum in decorators.
 */
export function registerNames<Name extends string>({ name, description, values }: NamesOptions<Name>): object {
  const described = Object.entries<string>(values).map(([value, text]) => [inCapitals(value), value, text] as const);
  const members = Object.fromEntries(described.map(([key, value]) => [key, value]));
  const valuesConfig = Object.fromEntries(described.map(([key, , text]) => [key, { description: text }]));
  registerEnumType(members, { name, description, valuesConfig });
  return members;
}

function inCapitals(value: string): string {
  return value.toUpperCase().replaceAll('-', '_');
}
