/** Entries looked at to find one that may be forgotten. */
const MAX_LOOKS = 16;

/**
 * A map that forgets who was used longest ago, so that strangers cannot fill the memory with their addresses. An entry
 * that may not be forgotten is passed over.
 */
export class BoundedMap<Value> {
  private readonly entries = new Map<string, Value>();

  constructor(
    private readonly limit: number,
    private readonly mayForget: (value: Value) => boolean,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** The value of a key, made where there is none; from now on the one that was used last. */
  use(key: string, make: () => Value): Value {
    const value = this.entries.get(key) ?? make();
    this.entries.delete(key);
    this.entries.set(key, value);
    if (this.entries.size > this.limit) this.forgetOne();
    return value;
  }

  private forgetOne(): void {
    let looks = 0;
    for (const [key, value] of this.entries) {
      this.entries.delete(key);
      if (this.mayForget(value)) return;
      this.entries.set(key, value);
      if (++looks === MAX_LOOKS) return;
    }
  }
}
