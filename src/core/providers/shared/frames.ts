import { SessionError } from '../../base/errors';

/** Frames of the agent's protocol (docs/protocol.md, "Frames"). A frame's body is at most this many bytes. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** UTF-8 bytes of message text that one part carries. */
export const PART_BYTES = 256 * 1024;
/** Parts of one id that may be under way without an answer. */
export const WINDOW = 8;
/** A message that was sent in parts may be this long when joined. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

export type Message = Readonly<Record<string, unknown>>;

function protocolError(message: string, detail?: string): SessionError {
  return new SessionError('protocol', message, { detail });
}

function parseObject(text: string): Message {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw protocolError('The session sent a message that is no JSON.', String(error));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw protocolError('The session sent a message that is no JSON object.');
  }
  return value as Message;
}

function frameOf(body: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

/** One message as one frame; `message` must fit (see {@link FrameSender} for those that may not). */
export function encodeFrame(message: Message): Buffer {
  return frameOf(Buffer.from(JSON.stringify(message), 'utf8'));
}

/** Cuts a byte stream into messages. Throws kind `protocol`; after that the stream is of no use any more. */
export class FrameReader {
  private held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Message[] {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const messages: Message[] = [];
    let at = 0;
    while (this.held.length - at >= 4) {
      const length = this.held.readUInt32BE(at);
      if (length > MAX_FRAME_BYTES) throw this.tooLong(at);
      if (this.held.length - at - 4 < length) break;
      messages.push(parseObject(this.held.toString('utf8', at + 4, at + 4 + length)));
      at += 4 + length;
    }
    this.held = this.held.subarray(at);
    return messages;
  }

  /** What arrived and is no whole frame: an engine's or shell's own words, when no agent answered. */
  get rest(): string {
    return this.held.toString('utf8', 0, 2000).trim();
  }

  private tooLong(at: number): SessionError {
    return protocolError(
      'The session sent something that is not its protocol.',
      this.held.toString('utf8', at, at + 500),
    );
  }
}

/** Where a text may be cut so that a part has at most `limit` bytes: never inside a character. */
function cutPoint(bytes: Buffer, from: number, limit: number): number {
  let end = Math.min(from + limit, bytes.length);
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}

interface Outgoing {
  bytes: Buffer;
  sent: number;
  unanswered: number;
  readonly waiting: Message[];
}

/** Sends messages, long ones in parts as the receiver grants them. Messages of one id keep their order. */
export class FrameSender {
  private readonly outgoing = new Map<unknown, Outgoing>();

  constructor(private readonly write: (frame: Buffer) => void) {}

  send(message: Message): void {
    const open = this.outgoing.get(message.id);
    if (open) open.waiting.push(message);
    else this.begin(message);
  }

  /** The receiver took so many parts of `id`. */
  credit(id: unknown, count: number): void {
    const open = this.outgoing.get(id);
    if (!open) return;
    open.unanswered = Math.max(0, open.unanswered - count);
    this.continue(id, open);
  }

  /** Takes note of a part that arrived, past whatever waits under the same id. */
  grant(id: unknown): void {
    this.write(encodeFrame({ id, credit: 1 }));
  }

  /** Forgets what of `id` is not sent yet; true when a message was cut off by it. */
  drop(id: unknown): boolean {
    return this.outgoing.delete(id);
  }

  private begin(message: Message): void {
    const bytes = Buffer.from(JSON.stringify(message), 'utf8');
    if (bytes.length <= MAX_FRAME_BYTES) {
      this.write(frameOf(bytes));
      return;
    }
    if (message.id === undefined) throw protocolError('A message without an id is too long to be sent.');
    const open: Outgoing = { bytes, sent: 0, unanswered: 0, waiting: [] };
    this.outgoing.set(message.id, open);
    this.continue(message.id, open);
  }

  private continue(id: unknown, open: Outgoing): void {
    while (open.sent < open.bytes.length && open.unanswered < WINDOW) {
      const end = cutPoint(open.bytes, open.sent, PART_BYTES);
      const part = open.bytes.toString('utf8', open.sent, end);
      open.sent = end;
      open.unanswered += 1;
      this.write(encodeFrame({ id, part, last: end === open.bytes.length }));
    }
    if (open.sent < open.bytes.length) return;
    this.outgoing.delete(id);
    for (const message of open.waiting) this.send(message);
  }
}

/** Joins parts to messages, id by id. */
export class PartJoiner {
  private readonly open = new Map<unknown, { parts: string[]; length: number }>();

  /** The whole message when `part` was its last, else undefined. */
  add(message: Message): Message | undefined {
    const { id, part, last } = message;
    if (typeof part !== 'string') throw protocolError('The session sent a part without text.');
    const held = this.open.get(id) ?? { parts: [], length: 0 };
    held.parts.push(part);
    held.length += part.length;
    if (held.length > MAX_MESSAGE_BYTES) throw protocolError('The session sent a message of more than 256 MiB.');
    if (last !== true) {
      this.open.set(id, held);
      return undefined;
    }
    this.open.delete(id);
    return parseObject(held.parts.join(''));
  }
}
