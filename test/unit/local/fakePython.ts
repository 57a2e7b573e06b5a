import fs from 'node:fs/promises';
import path from 'node:path';

/** An executable that answers as a Python of this version would. */
export async function fakePython(file: string, version: string, implementation = 'cpython'): Promise<string> {
  const facts = { executable: file, implementation, version, abi: `cp${version}-test` };
  await fs.mkdir(path.dirname(file), { recursive: true });
  await fs.writeFile(file, `#!/bin/sh\necho '${JSON.stringify(facts)}'\n`, { mode: 0o755 });
  return file;
}
