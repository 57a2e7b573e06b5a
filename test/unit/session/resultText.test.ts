import assert from 'node:assert/strict';
import type { JsonValue, RunResult } from '../../../src/core/contract/runtime';
import { resultText } from '../../../src/core/session/resultText';

const resultWith = (output: JsonValue, more: Partial<RunResult> = {}): RunResult => ({
  runId: 'r1',
  status: 'Completed',
  inputs: { name: 'x' },
  output,
  metrics: {},
  durationMs: 5,
  error: null,
  nodes: [{ name: 'greet', status: 'Completed', durationMs: 1, output, error: null, stdout: '', stderr: '' }],
  artifacts: [],
  ...more,
});
const parsed = (text: string) =>
  JSON.parse(text) as { cut?: string; output: JsonValue; nodes: { output: JsonValue }[] };

describe('result text', () => {
  it('is the whole result as JSON where that fits', () => {
    const result = resultWith({ text: 'a'.repeat(200_000) });
    assert.equal(resultText(result), `${JSON.stringify(result, null, 2)}\n`);
  });

  it('cuts long texts, says how much is shown and where all of it can be had', () => {
    const text = resultText(resultWith({ text: 'a'.repeat(50_000_000), short: 'b' }));
    assert.ok(text.length < 1_000_000, `${text.length}`);
    const { cut, output, nodes } = parsed(text);
    assert.match(cut ?? '', /2 long texts were shortened\. `pf-session run --json`/);
    assert.match((output as { text: string }).text, /^a+… \(100000 of 50000000 characters\)$/);
    assert.equal((nodes[0]?.output as { short: string }).short, 'b');
  });

  it('names the files that the run left', () => {
    const artifacts = Array.from({ length: 30 }, (_, at) => `/flow/.runs/${at}.png`);
    const { cut } = parsed(resultText(resultWith('a'.repeat(9_000_000), { artifacts })));
    assert.match(cut ?? '', /Files of the run: \/flow\/\.runs\/0\.png, .*19\.png and 10 more\.$/);
  });

  it('cuts long lists and many fields', () => {
    const numbers = Array.from({ length: 900_000 }, (_, at) => at);
    const fields = Object.fromEntries(numbers.slice(0, 60_000).map((at) => [`f${at}`, at]));
    const { cut, output } = parsed(resultText(resultWith({ numbers, fields })));
    assert.match(cut ?? '', /4 long lists were shortened/);
    const shown = output as { numbers: JsonValue[]; fields: Record<string, JsonValue> };
    assert.equal(shown.numbers.at(-1), '… (5000 of 900000 items)');
    assert.equal(shown.fields['…'], '(5000 of 60000 fields)');
  });

  it('stays within the limit for many middling values too, and for what is deep', () => {
    const nested = (depth: number): JsonValue =>
      depth === 0 ? 'leaf' : Array.from({ length: 60 }, () => nested(depth - 1));
    const many = Array.from({ length: 4_000 }, () => 'c'.repeat(4_000));
    for (const output of [many, nested(3)]) {
      const text = resultText(resultWith(output), 200_000);
      assert.ok(text.length <= 260_000, `${text.length}`);
      assert.ok(parsed(text).cut);
    }
    const wide = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`k${at}`, nested(2)]));
    assert.match(parsed(resultText(resultWith(wide), 100)).cut ?? '', /^The result is too large to be shown\./);
  });

  it('cuts no character in two', () => {
    const { output } = parsed(resultText(resultWith(`a${'😀'.repeat(3_000_000)}`)));
    assert.match(output as string, /😀… \(/u);
    assert.doesNotMatch(output as string, /\uFFFD|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
  });
});
