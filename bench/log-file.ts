import { closeSync, openSync, statSync, truncateSync } from 'node:fs';

/** What the server's log goes to, cut short now and then as logrotate does by copytruncate. */
export class LogFile {
  readonly descriptor: number;
  private shortened = 0;

  constructor(private readonly file: string) {
    // Appending: after a cut, what is written begins at the beginning.
    this.descriptor = openSync(file, 'a');
  }

  /** Written in all. */
  get bytes(): number {
    return this.shortened + statSync(this.file).size;
  }

  shorten(): void {
    this.shortened = this.bytes;
    truncateSync(this.file);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
