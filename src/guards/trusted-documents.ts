import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DocumentNode } from 'graphql';
import { AppError, toError } from '../errors';

/** How GraphQL clients name an operation by its hash: `extensions.persistedQuery`. */
export interface PersistedQueryExtension {
  readonly sha256Hash?: unknown;
}

/** The operations a server answers where it answers no others. */
export class TrustedDocuments {
  private readonly texts: ReadonlySet<string>;
  /** Documents that were looked at, by what parsing made of them. */
  private readonly verdicts = new WeakMap<DocumentNode, boolean>();

  /** @param byHash texts by the SHA-256 of each in hexadecimal */
  constructor(private readonly byHash: ReadonlyMap<string, string>) {
    this.texts = new Set(byHash.values());
  }

  /**
   * Reads the manifest that GraphQL Code Generator writes: `{"sha256:<hash>": "<text>"}`. Throws an Error that names the
   * file and what is wrong with it.
   */
  static read(file: string): TrustedDocuments {
    try {
      const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
      return new TrustedDocuments(
        new Map(Object.entries(manifest).map(([key, text]) => [hashOf(key, text), text as string])),
      );
    } catch (cause) {
      const why = toError(cause).message;
      throw new Error(`PREDICTQL_TRUSTED_DOCUMENTS: ${file} is no manifest of documents. ${why}`, { cause });
    }
  }

  /** The operation of a request that names it by its hash alone; undefined where there is none. */
  textOf(extension: PersistedQueryExtension | undefined): string | undefined {
    const hash = extension?.sha256Hash;
    return typeof hash === 'string' ? this.byHash.get(hash) : undefined;
  }

  /** Throws FORBIDDEN for any other document. */
  check(document: DocumentNode): void {
    let isTrusted = this.verdicts.get(document);
    if (isTrusted === undefined) {
      isTrusted = this.texts.has(document.loc?.source.body ?? '');
      this.verdicts.set(document, isTrusted);
    }
    if (!isTrusted)
      throw new AppError(
        'FORBIDDEN',
        'This server answers only the operations it was given. Send one of them, by its text or its hash.',
      );
  }
}

function hashOf(key: string, text: unknown): string {
  const hash = key.replace(/^sha256:/, '');
  if (typeof text !== 'string' || createHash('sha256').update(text).digest('hex') !== hash)
    throw new Error(`Expected "sha256:<hash>": "<text>" throughout; "${key}" is not the hash of its text.`);
  return hash;
}
