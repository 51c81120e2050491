import { createRandom } from '../support/random';

/** Draws whatever a generated request is made of; the same seed draws the same. */
export class Draw {
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = createRandom(seed);
  }

  /** Both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }

  float(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.int(0, items.length - 1)] as Item;
  }

  /** One of these, each as often as its weight says. */
  weighted<Item>(items: readonly (readonly [weight: number, item: Item])[]): Item {
    let rest = this.random() * items.reduce((sum, [weight]) => sum + weight, 0);
    const found = items.find(([weight]) => (rest -= weight) < 0) ?? items[0];
    return found![1];
  }

  /** Some of these, in their order; at least one. */
  some<Item>(items: readonly Item[], most = items.length): Item[] {
    const certain = this.int(0, items.length - 1);
    return items
      .filter((_, index) => index === certain || this.chance(Math.min(1, most / items.length) * 0.6))
      .slice(0, Math.max(1, most));
  }

  list<Item>(least: number, most: number, create: () => Item): Item[] {
    return Array.from({ length: this.int(least, most) }, create);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.int(0, 255)));
  }
}
