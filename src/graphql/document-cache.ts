import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../context';

/** How often a document that came over HTTP was known already, so that it was neither parsed nor validated again. */
export class DocumentCacheCounts {
  private lookups = 0;
  private parsed = 0;

  get misses(): number {
    return this.parsed;
  }

  get hits(): number {
    return this.lookups - this.parsed;
  }

  /** Apollo looks a document up as soon as it has its text, and parses it only if it does not find it. */
  countIn(): ApolloServerPlugin<RequestContext> {
    return {
      requestDidStart: () =>
        Promise.resolve({
          didResolveSource: () => {
            this.lookups++;
            return Promise.resolve();
          },
          parsingDidStart: () => {
            this.parsed++;
            return Promise.resolve();
          },
        }),
    };
  }
}
