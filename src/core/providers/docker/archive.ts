/** One thing in a tar archive; paths are relative to the root and use `/`. */
export interface ArchiveEntry {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  /** null = a folder. */
  readonly content: Buffer | null;
}

const block = 512;

/**
 * A POSIX ustar archive in memory. Ids too big for seven octal digits are written in base 256, as GNU tar does and the
 * engines' reader (Go's archive/tar) takes them. Paths are ours and short: at most 100 bytes.
 */
export function tarArchive(entries: readonly ArchiveEntry[], modified: Date): Buffer {
  const seconds = Math.floor(modified.getTime() / 1000);
  const pieces = entries.flatMap((entry) => [header(entry, seconds), ...padded(entry.content)]);
  return Buffer.concat([...pieces, Buffer.alloc(2 * block)]);
}

function header(entry: ArchiveEntry, seconds: number): Buffer {
  const name = entry.content === null ? `${entry.path}/` : entry.path;
  if (Buffer.byteLength(name) > 100) throw new RangeError(`The path is too long for the archive: ${name}`);
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 100, 'utf8');
  writeNumber(bytes, 100, 8, entry.mode);
  writeNumber(bytes, 108, 8, entry.uid);
  writeNumber(bytes, 116, 8, entry.gid);
  writeNumber(bytes, 124, 12, entry.content?.length ?? 0);
  writeNumber(bytes, 136, 12, seconds);
  bytes.write(entry.content === null ? '5' : '0', 156, 1, 'latin1');
  bytes.write('ustar\x0000', 257, 8, 'latin1');
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return bytes;
}

function writeNumber(bytes: Buffer, offset: number, width: number, value: number): void {
  const octal = value.toString(8);
  if (octal.length < width) {
    bytes.write(octal.padStart(width - 1, '0'), offset, width - 1, 'latin1');
    return;
  }
  let rest = BigInt(value);
  for (let at = offset + width - 1; at > offset; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[offset] = 0x80;
}

function padded(content: Buffer | null): Buffer[] {
  if (content === null || content.length === 0) return [];
  const rest = content.length % block;
  return rest === 0 ? [content] : [content, Buffer.alloc(block - rest)];
}
