import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Puts a small file system of its own at a folder; says why where that cannot be done. */
export function mountSmallDisk(folder: string, size: string): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=777`, 'tmpfs', folder], { stdio: 'pipe' });
    return undefined;
  } catch {
    return 'no file system may be mounted here';
  }
}

export function unmountSmallDisk(folder: string): void {
  execFileSync('umount', ['-l', folder]);
}

/** Writes until there is no room for another byte; disposing makes room again. */
export function fillDisk(folder: string): Disposable {
  const file = path.join(folder, 'filling');
  for (let bytes = 1 << 20; bytes >= 1;)
    try {
      writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' });
    } catch {
      // No room for so many.
      bytes = Math.floor(bytes / 2);
    }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}
