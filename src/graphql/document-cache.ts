import { hash } from 'node:crypto';
import type { ApolloServerOptions, BaseContext } from '@apollo/server';
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/**
 * Of documents that need no parsing again, as JSON; in memory they take four times as much. Apollo's own bound of 30 MB
 * lets strangers fill 120, which then all has to be looked through when garbage is collected.
 */
const MAX_BYTES = 8 * 2 ** 20;
/** Characters of a SHA-256 in hexadecimal digits. */
const HASH_LENGTH = 64;

/** Documents that were valid before, so that they are neither parsed nor validated again, whatever they come by. */
export class DocumentCache {
  /** By the SHA-256 of their text. */
  private readonly documents = new LRUCache<string, DocumentNode>({
    maxSize: MAX_BYTES,
    sizeCalculation: (document) => JSON.stringify(document).length,
  });
  private found = 0;
  private missed = 0;

  get hits(): number {
    return this.found;
  }

  get misses(): number {
    return this.missed;
  }

  find(text: string): DocumentNode | undefined {
    return this.lookUp(hash('sha256', text));
  }

  /** @param document valid, of that text */
  keep(text: string, document: DocumentNode): void {
    this.documents.set(hash('sha256', text), document);
  }

  /** As Apollo Server asks for them: by the same SHA-256, after a prefix for its schema, which is the only one here. */
  get store(): NonNullable<ApolloServerOptions<BaseContext>['documentStore']> {
    return {
      get: (key) => Promise.resolve(this.lookUp(key.slice(-HASH_LENGTH))),
      set: (key, document) => Promise.resolve(void this.documents.set(key.slice(-HASH_LENGTH), document)),
      delete: (key) => Promise.resolve(this.documents.delete(key.slice(-HASH_LENGTH))),
    };
  }

  private lookUp(key: string): DocumentNode | undefined {
    const known = this.documents.get(key);
    if (known) this.found++;
    else this.missed++;
    return known;
  }
}
