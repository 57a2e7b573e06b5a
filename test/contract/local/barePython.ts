import { execFileSync } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';

/** Left out as a distribution splits them off, or to save time. */
const LEFT_OUT = new Set(['ensurepip', 'venv', 'site-packages', 'dist-packages', 'test', 'idlelib', '__pycache__']);

/** A copy of a Python without pip, venv and ensurepip, in `folder`; its interpreter. */
export async function copyBarePython(python: string, folder: string): Promise<string> {
  const question =
    "import os, sys; print(os.path.dirname(os.__file__), 'python%d.%d' % sys.version_info[:2], sep='\\n')";
  const [library = '', name = ''] = execFileSync(python, ['-c', question], { encoding: 'utf8' }).split('\n');
  const interpreter = path.join(folder, 'bin', 'python3');
  await fs.mkdir(path.dirname(interpreter), { recursive: true });
  await fs.copyFile(await fs.realpath(python), interpreter);
  const target = path.join(folder, 'lib', name);
  const filter = (source: string): boolean => !LEFT_OUT.has(path.basename(source));
  await fs.cp(library, target, { recursive: true, filter, dereference: true });
  return interpreter;
}
