/** The text of a requirements file, or why it has none. */
export type DecodedText = { readonly text: string } | { readonly reason: string };

const byteOrderMarks: readonly (readonly [bytes: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  [[0xff, 0xfe, 0x00, 0x00], 'utf-32le'],
  [[0x00, 0x00, 0xfe, 0xff], 'utf-32be'],
  [[0xfe, 0xff], 'utf-16be'],
  [[0xff, 0xfe], 'utf-16le'],
];

/**
 * Decodes a requirements file as pip does: by its byte order mark, which is dropped, by a PEP 263 coding comment in one of the
 * first two lines, else as UTF-8. (Where that fails pip tries the encoding of its locale; in a session that is UTF-8 too.)
 */
export function decodeRequirements(bytes: Uint8Array): DecodedText {
  const mark = byteOrderMarks.find(([start]) => start.every((byte, at) => bytes[at] === byte));
  if (mark) return decodeAs(mark[1], bytes.subarray(mark[0].length));
  const declared = codingComment(bytes);
  return decodeAs(declared ?? 'utf-8', bytes, declared !== undefined);
}

/** As Python's `open(path).read()` has it in a UTF-8 locale: a mark stays, CRLF and CR become LF; undefined where it is not UTF-8. */
export function readPythonText(bytes: Uint8Array): string | undefined {
  const decoded = decodeAs('utf-8', bytes);
  return 'text' in decoded ? decoded.text.replace(/\r\n?/g, '\n') : undefined;
}

function codingComment(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('latin1').split('\n').slice(0, 2);
  const comments = head.filter((line) => line.startsWith('#'));
  return comments.map((line) => /coding[:=]\s*([-\w.]+)/.exec(line)?.[1]).find((name) => name !== undefined);
}

function decodeAs(encoding: string, bytes: Uint8Array, declared = false): DecodedText {
  const label = encoding.toLowerCase().replaceAll('_', '-');
  if (/^(?:latin-?1|iso-?8859-1|l1|8859)$/.test(label)) return { text: Buffer.from(bytes).toString('latin1') };
  if (label === 'utf-32le' || label === 'utf-32be') return decodeUtf32(bytes, label === 'utf-32le');
  const reason = declared ? `It is not ${encoding}, as its coding comment says.` : 'It is not UTF-8 text.';
  if (/^(?:us-)?ascii$/.test(label) && bytes.some((byte) => byte > 0x7f)) return { reason };
  try {
    return { text: new TextDecoder(webLabel(label), { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    return {
      reason: error instanceof RangeError ? `Its coding comment names an unknown encoding, ${encoding}.` : reason,
    };
  }
}

/** Python's names of encodings as TextDecoder knows them. */
function webLabel(label: string): string {
  if (/^cp125\d$/.test(label)) return `windows-${label.slice(2)}`;
  if (/^(?:utf8?|utf-8-sig|u8)$/.test(label)) return 'utf-8';
  return label.replace(/^iso8859-/, 'iso-8859-');
}

function decodeUtf32(bytes: Uint8Array, littleEndian: boolean): DecodedText {
  const reason = 'It is not UTF-32 text, as its first bytes say.';
  if (bytes.length % 4 !== 0) return { reason };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const point = view.getUint32(at, littleEndian);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return { reason };
    units.push(String.fromCodePoint(point));
  }
  return { text: units.join('') };
}
