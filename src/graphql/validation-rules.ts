import { NoSchemaIntrospectionCustomRule, type ValidationRule } from 'graphql';
import { limitDocument } from '../guards/document-limits';

/** Rules beside those of GraphQL itself, over HTTP and WebSocket alike. */
export function createValidationRules({ introspection }: { readonly introspection: boolean }): ValidationRule[] {
  return introspection ? [limitDocument] : [limitDocument, NoSchemaIntrospectionCustomRule];
}
