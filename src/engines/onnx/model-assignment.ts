import type { Tensors } from '../../tensor';
import type { Signature } from '../engine';
import type { OptimizedGraph } from './graph-optimizer';

/** A model that every process of the pool should hold, and the promises of those who wait until they do. */
export class ModelAssignment {
  /** What to load; undefined until it has been optimised. */
  graph: OptimizedGraph | undefined;
  /** Processes lost while they loaded or warmed it, before it was ready. */
  losses = 0;
  /** Milliseconds of the slowest run so far, the way there and back included; undefined before the first. */
  slowestRunMs: number | undefined;
  isLoaded = false;
  isWarm = false;
  /** One batch to run before a process takes requests for this model. */
  warmUp: Tensors | undefined;
  readonly whenLoaded: Promise<Signature>;
  private resolveLoaded!: (signature: Signature) => void;
  private rejectLoaded!: (error: Error) => void;
  private warming: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  constructor() {
    this.whenLoaded = new Promise((resolve, reject) => {
      this.resolveLoaded = resolve;
      this.rejectLoaded = reject;
    });
  }

  warmWith(inputs: Tensors): Promise<void> {
    this.warmUp = inputs;
    return new Promise((resolve, reject) => {
      this.warming = { resolve, reject };
    });
  }

  learnRunTime(runMs: number): void {
    this.slowestRunMs = Math.max(this.slowestRunMs ?? 0, runMs);
  }

  becomeLoaded(): void {
    if (this.isLoaded || !this.graph) return;
    this.isLoaded = true;
    this.losses = 0;
    this.resolveLoaded(this.graph.signature);
  }

  becomeWarm(): void {
    if (this.isWarm || !this.warmUp) return;
    this.isWarm = true;
    this.losses = 0;
    this.warming?.resolve();
  }

  fail(error: Error): void {
    this.rejectLoaded(error);
    this.warming?.reject(error);
  }

  failWarming(error: Error): void {
    this.warming?.reject(error);
  }
}
