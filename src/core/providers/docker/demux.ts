import { Duplex } from 'node:stream';

/**
 * The engine sends stdout and stderr of a container without a terminal on one stream, in pieces: one byte stream number
 * (1 stdout, 2 stderr), three zero bytes, four bytes length (big-endian), the piece. Source: Docker Engine API, "Attach
 * to a container".
 */
export class PieceReader {
  private header = Buffer.alloc(0);
  private stream = 0;
  private left = 0;

  constructor(private readonly onPiece: (stream: 'stdout' | 'stderr', bytes: Buffer) => void) {}

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.left > 0 ? this.body(rest) : this.head(rest);
  }

  private head(chunk: Buffer): Buffer {
    const missing = 8 - this.header.length;
    this.header = Buffer.concat([this.header, chunk.subarray(0, missing)]);
    if (this.header.length === 8) {
      this.stream = this.header[0]!;
      this.left = this.header.readUInt32BE(4);
      this.header = Buffer.alloc(0);
    }
    return chunk.subarray(missing);
  }

  private body(chunk: Buffer): Buffer {
    const piece = chunk.subarray(0, this.left);
    this.left -= piece.length;
    this.onPiece(this.stream === 2 ? 'stderr' : 'stdout', piece);
    return chunk.subarray(piece.length);
  }
}

/** What a channel's far side wrote to stderr is kept up to this many characters, to say why it ended. */
const keptWords = 4096;

/**
 * stdin and stdout of an exec as one byte stream. What it writes to stderr becomes the error when it ends too early.
 */
export class ExecDuplex extends Duplex {
  private words = '';
  private closing = false;

  constructor(private readonly raw: Duplex) {
    super({ allowHalfOpen: false });
    const reader = new PieceReader((stream, bytes) => this.receive(stream, bytes));
    raw.on('data', (chunk: Buffer) => reader.push(chunk));
    raw.on('error', (error) => this.destroy(error));
    raw.on('end', () => this.close());
    raw.on('close', () => this.close());
  }

  /** What the far side said on stderr. */
  get complaint(): string {
    return this.words;
  }

  /** Destroying at once would lose what nobody has read yet. */
  private close(): void {
    if (this.closing) return;
    this.closing = true;
    this.push(null);
  }

  private receive(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    if (stream === 'stderr') this.words = (this.words + bytes.toString('utf8')).slice(-keptWords);
    else if (!this.push(bytes)) this.raw.pause();
  }

  override _read(): void {
    this.raw.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.raw.write(chunk, encoding, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.raw.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.raw.destroy();
    done(error);
  }
}
