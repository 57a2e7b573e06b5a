import assert from 'node:assert/strict';
import { parseFlowFile } from '../../../src/core/flow/flowFile';
import { dag, flex } from './flowTexts';

/** A third of the text, from a line's start on. */
function pieceOf(text: string, third: number): string {
  const lines = text.split('\n');
  return lines.slice((third * lines.length) / 3, ((third + 1) * lines.length) / 3).join('\n');
}

describe('flow file of any text', () => {
  it('never throws, and keeps its ranges in the text, whatever the text', () => {
    const noise = [
      '',
      ':',
      '- ',
      '\t',
      '{',
      '[',
      '}',
      ']',
      '"',
      "'",
      '&a ',
      '*a',
      '<<: *a\n',
      '? ',
      '|\n',
      '>\n',
      '#',
      '\n',
      '\r',
      '!!x ',
      '%YAML 1.1\n',
      '---\n',
      '...\n',
      '\ufeff',
      '\u0000',
      '@',
      '`',
      '  ',
    ];
    let seed = 11;
    const next = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (let round = 0; round < 80; round += 1) {
      const kind = round % 2 ? 'flex' : 'dag';
      let text = kind === 'flex' ? flex : pieceOf(dag, next(3));
      for (let change = 0; change <= next(4); change += 1) {
        const from = next(text.length);
        text = text.slice(0, from) + (noise[next(noise.length)] ?? '') + text.slice(from + next(12));
      }
      const file = parseFlowFile(text, kind);
      const { environment, nodes, inputs } = file;
      const parts = [environment?.image, environment?.requirementsFile, ...nodes, ...inputs, ...file.problems];
      for (const { start, end } of parts.flatMap((part) => part?.range ?? []))
        if (start < 0 || start > end || end > file.text.length) assert.fail(JSON.stringify({ text, start, end }));
    }
  });

  it('survives what is made to break readers', () => {
    const bomb = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join('\n');
    const hostile = [
      `a0: &a0 x\n${bomb}\nenvironment: {image: *a9, more: *a9}\n`,
      '['.repeat(1500),
      `environment: ${'{a: '.repeat(1000)}`,
      'environment: &e {image: x, again: *e}\n',
      'environment: &e\n  <<: *e\n  image: b\n',
      '? [a]\n: b\n',
      '\u0000'.repeat(100),
      '__proto__: {a: 1}\nconstructor: 2\n',
    ];
    for (const text of hostile) assert.ok(Array.isArray(parseFlowFile(text, 'dag').problems));
    assert.match(parseFlowFile('['.repeat(1500), 'dag').problems[0]!.message, /nested too deeply/);
  });
});
