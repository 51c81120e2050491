import type { GoldenExample, Manifest, ModelFile } from './manifest';

/** Where versions come from. The registry asks; it never touches files itself. */
export interface ModelStore {
  /** The models there are, with the names of their versions, whether sound or not. */
  list(): Promise<readonly StoredModel[]>;

  /**
   * Reads a version and checks it: the manifest fits its schema and its folder, every file is there and has its
   * sha256. Throws an Error that names the first fault.
   */
  open(model: string, version: string): Promise<StoredVersion>;
}

export interface StoredModel {
  readonly file: ModelFile;
  readonly versions: readonly string[];
}

/** A version whose files are complete and have the checksums of its manifest. */
export interface StoredVersion {
  readonly manifest: Manifest;
  readonly examples: readonly GoldenExample[];
  /** Absolute path of the ONNX file. */
  readonly modelPath: string;
  /** Reads one of the files the manifest lists. */
  readonly readFile: (name: string) => Promise<Buffer>;
}
