import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A folder of the test's own, symbolic links resolved; `write` takes paths relative to it. */
export class TemporaryFolder {
  readonly path = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'flow model ü-')));

  write(files: Readonly<Record<string, string | Uint8Array>>): this {
    for (const [name, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(this.in(name)), { recursive: true });
      fs.writeFileSync(this.in(name), content);
    }
    return this;
  }

  in(...parts: string[]): string {
    return path.join(this.path, ...parts);
  }

  remove(): void {
    fs.rmSync(this.path, { recursive: true });
  }
}
