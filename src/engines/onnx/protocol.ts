import type { Signature } from '../engine';
import type { TensorType } from '../../tensor';

/** A tensor on its way between processes: plain bytes, because they arrive at offsets that other arrays refuse. */
export interface WireTensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}
export type WireTensors = Readonly<Record<string, WireTensor>>;

/** A graph to load: as its maker wrote it (`onnx`), or as ONNX Runtime left it for this machine (`optimized`). */
export interface GraphFile {
  readonly form: 'onnx' | 'optimized';
  readonly path: string;
}

/** What the server asks of an engine process. Each call gets exactly one reply with its `id`, in order. */
export type EngineCall =
  /** Reads the graph in `file`, and leaves it in `to` in a form that needs no more work than to be mapped. */
  | { readonly id: number; readonly kind: 'optimize'; readonly file: string; readonly to: string }
  | { readonly id: number; readonly kind: 'load'; readonly key: string; readonly graph: GraphFile }
  | { readonly id: number; readonly kind: 'unload'; readonly key: string }
  | { readonly id: number; readonly kind: 'run'; readonly key: string; readonly inputs: WireTensors }
  | { readonly id: number; readonly kind: 'stop' };

export type EngineReply =
  /**
   * `isSaved`: whether `to` was written; a full disk or a graph of over 2 GB prevents it.
   * `residentBytes`: memory of the process while the model is in it.
   */
  | {
      readonly id: number;
      readonly kind: 'optimized';
      readonly signature: Signature;
      readonly isSaved: boolean;
      readonly residentBytes: number;
    }
  | { readonly id: number; readonly kind: 'loaded'; readonly residentBytes: number }
  | { readonly id: number; readonly kind: 'done' }
  /** `startedAt`: when the run began, in milliseconds since 1970. */
  | {
      readonly id: number;
      readonly kind: 'ran';
      readonly outputs: WireTensors;
      readonly inferenceMs: number;
      readonly startedAt: number;
    }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string };
