import assert from 'node:assert/strict';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ExecDuplex, PieceReader } from '../../../src/core/providers/docker/demux';
import { silentEnd } from '../../../src/core/providers/docker/boot';
import { waitForHello } from '../../../src/core/providers/docker/helloWait';
import { jsonLines } from '../../../src/core/providers/docker/jsonLines';

function piece(stream: 1 | 2, content: string): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

const hello = {
  protocol: { major: 1, minor: 0 },
  features: [],
  agentVersion: '0.1.0',
  sessionId: 's',
  environmentHash: 'e',
  flowFileHash: 'ä',
  python: { version: '3.9', executable: '/p' },
  promptflow: null,
  cacheWritable: true,
  uid: 1,
  pid: 7,
  startedAt: 'now',
};
const helloLine = `pf-session-agent ${JSON.stringify(hello)}\n`;

describe("the engine's streams", () => {
  it('come apart however they are cut', () => {
    const all = Buffer.concat([piece(1, 'one'), piece(2, 'err'), piece(1, ''), piece(1, 'two')]);
    for (const size of [1, 3, 7, 8, 9, all.length]) {
      const seen = { stdout: '', stderr: '' };
      const reader = new PieceReader((stream, bytes) => (seen[stream] += bytes.toString()));
      for (let at = 0; at < all.length; at += size) reader.push(all.subarray(at, at + size));
      assert.deepEqual(seen, { stdout: 'onetwo', stderr: 'err' });
    }
  });

  it('of an exec: what was sent before the end is read, complaints are kept, input goes through', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const exec = new ExecDuplex(Duplex.from({ readable: output, writable: input }));
    exec.write('question');
    assert.equal(String(await new Promise((resolve) => input.once('data', resolve))), 'question');
    output.write(piece(2, 'no such socket'));
    output.end(piece(1, 'answer'));
    assert.equal(await text(exec), 'answer');
    assert.equal(exec.complaint, 'no such socket');
  });

  it('of an exec: a slow reader holds the sender back', async () => {
    const output = new PassThrough();
    const exec = new ExecDuplex(Duplex.from({ readable: output, writable: new PassThrough() }));
    const chunk = piece(1, 'x'.repeat(64 * 1024));
    let sent = 0;
    while (output.write(chunk) && sent < 1000) {
      sent++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(sent < 100, `${sent} chunks were taken though nobody read`);
    output.end();
    assert.equal((await text(exec)).length, (sent + 1) * 64 * 1024);
  });

  it('JSON lines come whole, cut anywhere, without what is no JSON', async () => {
    const bytes = Buffer.from('{"a":"é"}\r\nnonsense\n{"b":2}');
    const stream = Readable.from([bytes.subarray(0, 7), bytes.subarray(7, 12), bytes.subarray(12)]);
    const found: unknown[] = [];
    for await (const line of jsonLines(stream)) found.push(line);
    assert.deepEqual(found, [{ a: 'é' }, { b: 2 }]);
  });
});

describe('waiting for the hello', () => {
  it('finds it among other output, cut anywhere', async () => {
    const bytes = Buffer.concat([piece(1, 'noise\n'), piece(2, helloLine), piece(1, helloLine)]);
    for (const size of [1, 5, bytes.length]) {
      const stream = new PassThrough();
      const outcome = waitForHello(stream);
      for (let at = 0; at < bytes.length; at += size) stream.write(bytes.subarray(at, at + size));
      assert.deepEqual((await outcome).hello, hello);
    }
  });

  it('finds it in a log that is replayed without line ends', async () => {
    const stream = new PassThrough();
    const outcome = waitForHello(stream);
    stream.write(Buffer.concat([piece(1, helloLine.trimEnd()), piece(1, 'more')]));
    assert.deepEqual((await outcome).hello, hello);
  });

  it('gives the last output when the container ends without it', async () => {
    const stream = new PassThrough();
    const outcome = waitForHello(stream);
    stream.end(piece(2, 'Traceback\nImportError: x\n'));
    assert.deepEqual(await outcome, { hello: undefined, output: 'Traceback\nImportError: x' });
  });

  it('rejects an agent of another protocol', async () => {
    const stream = new PassThrough();
    const outcome = waitForHello(stream);
    stream.write(piece(1, helloLine.replace('"major":1', '"major":2')));
    await assert.rejects(outcome, { kind: 'session-outdated' });
  });

  it('tells an image without Python or of another processor from a failing agent', () => {
    assert.equal(silentEnd(97, '', 'i').kind, 'image-without-python');
    assert.equal(
      silentEnd(127, '[FATAL tini (7)] exec /bin/sh failed: No such file or directory', 'i').kind,
      'image-without-python',
    );
    assert.equal(silentEnd(126, '[FATAL tini (7)] exec /bin/sh failed: Exec format error', 'i').kind, 'image-platform');
    const failed = silentEnd(1, 'SyntaxError', 'i');
    assert.deepEqual([failed.kind, failed.detail], ['agent-failed', 'SyntaxError']);
  });
});
