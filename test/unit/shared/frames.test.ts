import assert from 'node:assert/strict';
import { SessionError } from '../../../src/core/base/errors';
import {
  encodeFrame,
  FrameReader,
  FrameSender,
  MAX_FRAME_BYTES,
  type Message,
  PART_BYTES,
  PartJoiner,
  WINDOW,
} from '../../../src/core/providers/shared/frames';

const hasKind = (kind: string) => (error: unknown) => error instanceof SessionError && error.kind === kind;

describe('frames', () => {
  it('reads messages however the stream cuts them', () => {
    const messages = [{ id: 1, op: 'state' }, { ping: 7 }, { id: 2, result: { text: 'naïve 🦉' } }];
    const bytes = Buffer.concat(messages.map(encodeFrame));
    for (const size of [1, 2, 3, 5, 17, bytes.length]) {
      const reader = new FrameReader();
      const read: Message[] = [];
      for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)));
      assert.deepEqual(read, messages, `pieces of ${size} bytes`);
    }
  });

  it('refuses what is no protocol, and says what it was', () => {
    const reader = new FrameReader();
    assert.throws(
      () => reader.push(Buffer.from('OCI runtime exec failed: python not found')),
      (error) => hasKind('protocol')(error) && /OCI runtime exec failed/.test((error as SessionError).detail ?? ''),
    );
    const array = Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.from('[]')]);
    assert.throws(() => new FrameReader().push(array), hasKind('protocol'));
  });

  it('sends a long message in parts, never more than the window unanswered, and joins it unchanged', () => {
    const text = 'x"\\🦉é\u0001'.repeat(200_000);
    const frames: Buffer[] = [];
    const sender = new FrameSender((frame) => frames.push(frame));
    sender.send({ id: 4, op: 'run', args: { text } });
    sender.send({ id: 4, cancel: true });
    sender.send({ id: 5, op: 'state' });

    const reader = new FrameReader();
    const joiner = new PartJoiner();
    const received: Message[] = [];
    let unanswered = 0;
    while (frames.length > 0) {
      const frame = frames.shift()!;
      assert.ok(frame.length - 4 <= MAX_FRAME_BYTES);
      for (const message of reader.push(frame)) {
        if (!('part' in message)) {
          received.push(message);
          continue;
        }
        unanswered += 1;
        assert.ok(unanswered <= WINDOW);
        assert.ok(Buffer.byteLength(message.part as string) <= PART_BYTES);
        const whole = joiner.add(message);
        if (whole) received.push(whole);
      }
      if (frames.length === 0 && unanswered > 0) {
        sender.credit(4, unanswered);
        unanswered = 0;
      }
    }
    assert.deepEqual(
      received.map((message) => [message.id, message.op ?? 'cancel']),
      [
        [5, 'state'],
        [4, 'run'],
        [4, 'cancel'],
      ],
    );
    assert.equal((received[1]!.args as { text: string }).text, text);
  });

  it('forgets the rest of a message that is dropped', () => {
    const frames: Buffer[] = [];
    const sender = new FrameSender((frame) => frames.push(frame));
    sender.send({ id: 1, text: 'a'.repeat(12 * PART_BYTES) });
    assert.equal(frames.length, WINDOW);
    assert.equal(sender.drop(1), true);
    sender.credit(1, WINDOW);
    assert.equal(frames.length, WINDOW);
    assert.equal(sender.drop(1), false);
  });
});
