import type { GoldenExample, ModelFile } from '../../src/registry/manifest';
import type { ModelStore, StoredVersion, StoreListing } from '../../src/registry/model-store';
import { VersionError } from '../../src/registry/version-error';
import { endOfTurn } from './deferred';
import { createManifest } from './ready-version';

/** What is wrong with a version, by the gate that finds it; undefined for a sound one. */
export type Defect = 'verifying' | 'loading' | 'warming' | 'golden' | undefined;

interface StoredContent {
  readonly revision: number;
  readonly defect: Defect;
}

/** A store in memory that is changed by the test. Its versions say by their golden example's note what is wrong. */
export class MemoryStore implements ModelStore {
  private readonly models = new Map<string, { file: ModelFile; versions: Map<string, StoredContent> }>();
  private readonly listeners = new Set<() => void>();
  private revisions = 0;
  unreadable: readonly string[] = [];
  /** While set, the store cannot be reached. */
  isGone = false;
  /** How often versions were opened. */
  opened = 0;

  putModel(name: string, changes: Partial<ModelFile> = {}): void {
    const file: ModelFile = {
      name,
      task: 'fraud-score',
      default: false,
      description: '',
      promotion: 'manual',
      keepLoaded: 3,
      ...changes,
    };
    this.models.set(name, { file, versions: this.models.get(name)?.versions ?? new Map<string, StoredContent>() });
  }

  removeModel(name: string): void {
    this.models.delete(name);
  }

  /** New bytes under a version, whether it was there or not. */
  put(model: string, version: string, defect?: Defect): void {
    this.models.get(model)?.versions.set(version, { revision: ++this.revisions, defect });
  }

  remove(model: string, version: string): void {
    this.models.get(model)?.versions.delete(version);
  }

  /** As the file system's notice of a change. */
  notify(): void {
    for (const listener of this.listeners) listener();
  }

  list(): Promise<StoreListing> {
    if (this.isGone) return Promise.reject(new Error('The folder is not mounted.'));
    const models = [...this.models.values()].map(({ file, versions }) => ({
      file,
      versions: [...versions].map(([version, { revision }]) => ({
        version,
        fingerprint: String(revision),
        changedAt: new Date(),
      })),
    }));
    return Promise.resolve({
      models: models.filter(({ file }) => !this.unreadable.includes(file.name)),
      unreadable: this.unreadable,
    });
  }

  async open(model: string, version: string): Promise<StoredVersion> {
    this.opened++;
    // Files take their time, and things happen meanwhile.
    await endOfTurn();
    const content = this.models.get(model)?.versions.get(version);
    if (!content) throw new VersionError('FILE_MISSING', 'File manifest.json is missing.');
    const { revision, defect } = content;
    if (defect === 'verifying') throw new VersionError('CHECKSUM_MISMATCH', 'File model.onnx has another sha256.');
    const sha256 = String(revision).padStart(64, '0');
    const files = { 'model.onnx': { sha256, bytes: 1 }, 'golden.json': { sha256, bytes: 1 } };
    const examples: GoldenExample[] = [{ note: defect ?? 'sound', input: {}, outputs: {} }];
    return {
      manifest: createManifest({ model, version, files }),
      examples,
      readFile: () => Promise.resolve(Buffer.alloc(0)),
      keepModel: () => Promise.resolve(defect === 'loading' || defect === 'warming' ? defect : 'sound'),
    };
  }

  watch(onChange: () => void): Promise<() => Promise<void>> {
    this.listeners.add(onChange);
    return Promise.resolve(() => {
      this.listeners.delete(onChange);
      return Promise.resolve();
    });
  }

  keepOnly(): Promise<void> {
    return Promise.resolve();
  }
}
