import type { AuthCheckerFn } from 'type-graphql';
import { requireScope, type RequestContext, type Scope } from '../context';

/**
 * Stands before every root field: `@Authorized('models:read')` names the scope it needs, `@Authorized()` is for
 * everybody who was let in. What it throws is told to the client; TypeGraphQL's own errors would not say what is missing.
 */
export const authorize: AuthCheckerFn<RequestContext, Scope> = ({ context }, scopes) => {
  for (const scope of scopes) requireScope(context.caller, scope);
  return true;
};
