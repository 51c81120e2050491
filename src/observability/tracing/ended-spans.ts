/** A span that knows all it has to tell. */
interface Ended {
  write(): void;
}

/** Those of about eleven requests with a prediction each, which hold up the event loop for less than a millisecond. */
const AT_ONCE = 32;
const DELAY_MS = 500;

/**
 * Spans that have ended and are still to be made for OpenTelemetry. Where one request in a hundred is traced, nothing of
 * that code is in the processor's caches when it is needed, so what waits is written together.
 */
export class EndedSpans {
  private readonly waiting: Ended[] = [];
  private timer: NodeJS.Timeout | undefined;

  add(span: Ended): void {
    this.waiting.push(span);
    if (this.waiting.length >= AT_ONCE) this.write();
    else this.timer ??= setTimeout(() => this.write(), DELAY_MS).unref();
  }

  write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const span of this.waiting.splice(0)) span.write();
  }
}
