import assert from 'node:assert/strict';
import { pythonJson, type PythonValue } from '../../../src/core/flow/pythonJson';
import { splitPythonLines } from '../../../src/core/flow/pythonText';

describe('JSON as Python writes it', () => {
  // Each expectation is what CPython's json.dumps(value, sort_keys=True) prints.
  const cases: readonly [PythonValue, string][] = [
    [null, 'null'],
    [true, 'true'],
    [12n, '12'],
    [100000000000000000000n, '100000000000000000000'],
    [1, '1.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [1000, '1000.0'],
    [123456.789, '123456.789'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.25e-7, '1.25e-07'],
    [NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    ['a"b\\c/\n\t\b\f\r\u0001\u007f', '"a\\"b\\\\c/\\n\\t\\b\\f\\r\\u0001\\u007f"'],
    ['Füge 日 😀', '"F\\u00fcge \\u65e5 \\ud83d\\ude00"'],
    [['a', [], new Map()], '["a", [], {}]'],
    [
      new Map([
        ['b', 1n],
        ['B', 2n],
        ['a', 3n],
      ]),
      '{"B": 2, "a": 3, "b": 1}',
    ],
    // By code point, not by UTF-16 unit: U+FFFD stands before U+1F600.
    [
      new Map([
        ['\u{1f600}', 1n],
        ['\ufffd', 2n],
      ]),
      '{"\\ufffd": 2, "\\ud83d\\ude00": 1}',
    ],
  ];

  for (const [value, expected] of cases) {
    it(`writes ${expected}`, () => assert.equal(pythonJson(value), expected));
  }

  it('cuts lines where str.splitlines() does, and counts them as editors do', () => {
    const lines = splitPythonLines('a\nb\r\nc\rd\x0be\x0cf\x1cg\x85h\u2028i\n\nj');
    assert.deepEqual(
      lines.map(({ text }) => text),
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', '', 'j'],
    );
    assert.deepEqual(
      lines.map(({ line }) => line),
      [1, 2, 3, 4, 4, 4, 4, 4, 4, 5, 6],
    );
    assert.deepEqual(splitPythonLines('a\n').length, 1);
    assert.deepEqual(splitPythonLines(''), []);
  });
});
