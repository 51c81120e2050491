/** Why a version did not pass a gate, for programs. */
export type VersionErrorCode =
  | 'MANIFEST_INVALID'
  | 'FILE_MISSING'
  | 'CHECKSUM_MISMATCH'
  | 'UNREADABLE'
  | 'TASK_MISMATCH'
  | 'SIGNATURE_MISMATCH'
  | 'STORAGE_FULL'
  | 'LOAD_FAILED'
  | 'LOAD_TOO_SLOW'
  | 'LOAD_TOO_LARGE'
  | 'WARM_UP_FAILED'
  | 'GOLDEN_MISMATCH';

/** A version's fault, in a sentence for the engineer who made it. It never holds a path outside the version's folder. */
export class VersionError extends Error {
  override readonly name = 'VersionError';

  constructor(
    readonly code: VersionErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What a stage threw, as the fault of that stage, unless it named its own. */
export function asVersionError(thrown: unknown, code: VersionErrorCode): VersionError {
  if (thrown instanceof VersionError) return thrown;
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new VersionError(code, cause.message, { cause });
}
