import fs from 'node:fs/promises';

/** The text of a file of the host's settings; undefined when it is not there or not readable. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
