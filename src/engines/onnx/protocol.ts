import type { Signature } from '../engine';
import type { TensorType } from '../../tensor';

/** A tensor on its way between processes: plain bytes, because they arrive at offsets that other arrays refuse. */
export interface WireTensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}
export type WireTensors = Readonly<Record<string, WireTensor>>;

/** What the server asks of an engine process. Each call gets exactly one reply with its `id`, in order. */
export type EngineCall =
  | { readonly id: number; readonly kind: 'load'; readonly key: string; readonly file: string }
  | { readonly id: number; readonly kind: 'unload'; readonly key: string }
  | { readonly id: number; readonly kind: 'run'; readonly key: string; readonly inputs: WireTensors }
  | { readonly id: number; readonly kind: 'stop' };

export type EngineReply =
  /** `residentBytes`: memory of the process once the model is in it. */
  | { readonly id: number; readonly kind: 'loaded'; readonly signature: Signature; readonly residentBytes: number }
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
