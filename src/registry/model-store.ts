import type { GoldenExample, Manifest, ModelFile } from './manifest';

/** Where versions come from. The registry asks; it never touches files itself. */
export interface ModelStore {
  /** The models there are, with their versions, whether sound or not. Throws where the store cannot be reached. */
  list(): Promise<StoreListing>;

  /**
   * Reads a version and checks it: the manifest fits its schema and its folder, every file is there and has its
   * sha256. Throws a VersionError that names the first fault.
   */
  open(model: string, version: string): Promise<StoredVersion>;

  /** Calls back whenever something may have changed, until the returned function is called. Not every store can. */
  watch?(onChange: () => void): Promise<() => Promise<void>>;

  /** Lets go of copies that no version among these uses any more; given are the sha256 of their model.onnx. */
  keepOnly(sha256s: ReadonlySet<string>): Promise<void>;
}

export interface StoreListing {
  readonly models: readonly StoredModel[];
  /** Names of models that are there but cannot be read now. */
  readonly unreadable: readonly string[];
}

export interface StoredModel {
  readonly file: ModelFile;
  readonly versions: readonly VersionFolder[];
}

export interface VersionFolder {
  readonly version: string;
  /** Differs whenever any of the version's files does. */
  readonly fingerprint: string;
  /** When any of its files was last touched. */
  readonly changedAt: Date;
}

/** A version whose files are complete and have the checksums of its manifest. */
export interface StoredVersion {
  readonly manifest: Manifest;
  readonly examples: readonly GoldenExample[];
  /** Reads one of the files the manifest lists, and checks its sha256 again: it may have changed since. */
  readonly readFile: (name: string) => Promise<Buffer>;
  /**
   * Puts the model's graph where nobody else writes and gives its absolute path: what was verified is what is loaded,
   * now and whenever an engine process is replaced, even if the version's folder is gone by then.
   */
  readonly keepModel: () => Promise<string>;
}
