import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';

/**
 * An operation with the types of its result and variables: one of the generated documents, one of your own codegen's
 * (client-preset, `documentMode: 'string'`), or a plain text, whose result is unknown.
 */
export type Operation<Result, Variables> =
  string | (DocumentTypeDecoration<Result, Variables> & { toString(): string });

/** What follows the operation: variables may be left out where all of them may be. */
export type OperationArguments<Variables, Options> =
  Record<string, never> extends Variables
    ? [variables?: Variables, options?: Options]
    : [variables: Variables, options?: Options];

export interface Payload {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export function toPayload(operation: Operation<unknown, never>, variables: unknown): Payload {
  return { query: operation.toString(), variables: (variables ?? {}) as Payload['variables'] };
}
