import assert from 'node:assert/strict';
import { parseFlowFile, type FlowFile } from '../../../src/core/flow/flowFile';
import type { Range } from '../../../src/core/flow/range';
import { dag, flex } from './flowTexts';

function reader(file: FlowFile): (range: Range | undefined) => string {
  return (range) => (range ? file.text.slice(range.start, range.end) : '(none)');
}

describe('flow file', () => {
  it('reads a DAG flow with the place of every value', () => {
    const file = parseFlowFile(dag, 'dag');
    const at = reader(file);
    assert.deepEqual(file.problems, []);
    assert.deepEqual(
      file.inputs.map(({ name, type, default: byDefault, description }) => [
        name.value,
        type?.value,
        byDefault?.value,
        description?.value,
      ]),
      [
        ['text', 'string', 'Hallo Wörld 😀', 'what to say'],
        ['count', 'int', 3, undefined],
      ],
    );
    assert.equal(at(file.inputs[0]?.default?.range), '"Hallo Wörld 😀"');
    assert.equal(file.outputs[0]?.reference?.value, '${say.output}');
    assert.deepEqual(
      file.nodes.map(({ name, type, aggregation, useVariants }) => [
        name?.value,
        type?.value,
        aggregation,
        useVariants,
      ]),
      [
        ['say', 'python', false, false],
        ['count', 'python', true, false],
        ['ask', undefined, false, true],
      ],
    );
    assert.equal(at(file.nodes[0]?.source?.path?.range), 'say it.py');
    assert.deepEqual(
      file.nodes[0]?.inputs.map(({ name, value }) => [name.value, value.value]),
      [
        ['text', '${inputs.text}'],
        ['list', [1, 2.5, true, null]],
      ],
    );
    assert.equal(file.nodes[1]?.source?.tool?.value, 'pkg.tool.count');
    const [variants] = file.nodeVariants;
    assert.deepEqual(
      [variants?.node.value, variants?.defaultVariant?.value, variants?.variants[0]?.id.value],
      ['ask', 'variant_0', 'variant_0'],
    );
    assert.equal(variants?.variants[0]?.node?.connection?.value, 'openai');
    assert.equal(at(file.environment?.image?.range), 'acr.io/base:1');
    assert.equal(at(file.environment?.requirementsFile?.key), 'python_requirements_txt');
    assert.deepEqual(file.lines.place('f', file.environment!.requirementsFile!.range), {
      file: 'f',
      line: 38,
      column: 28,
    });
    assert.deepEqual(
      file.additionalIncludes.map(({ value, range }) => [value, at(range)]),
      [
        ['../shared/reqs.txt', '../shared/reqs.txt'],
        ['../more files', '"../more files"'],
      ],
    );
    assert.deepEqual(
      file.environmentVariables.map(({ name, value }) => [name.value, value.value]),
      [
        ['KEY', 'value'],
        ['NUMBER', 5],
      ],
    );
  });

  it('tells first of all what is no YAML, and not what that leaves behind', () => {
    const { problems } = parseFlowFile('inputs:\n  a: [1, 2\noutputs: {}\nnodes: []\n', 'dag');
    assert.ok(problems.length > 0);
    for (const { message } of problems) assert.doesNotMatch(message, /should be/);
  });

  it('reads a flex flow', () => {
    const file = parseFlowFile(flex, 'flex');
    assert.deepEqual(file.problems, []);
    assert.equal(file.entry?.value, 'main:Chat');
    assert.deepEqual(
      file.init.map(({ name, default: byDefault }) => [name.value, byDefault?.value]),
      [['model', 'm']],
    );
    assert.deepEqual(
      file.sample.map(({ name, value }) => [name.value, value.value]),
      [['question', 'why?']],
    );
    const beside = parseFlowFile('entry: a:b\nsample:\n  init: {model: x}\n  inputs: {q: why}\n', 'flex');
    assert.deepEqual(
      beside.sample.map(({ name, value }) => [name.value, value.value]),
      [['q', 'why']],
    );
    assert.equal(file.environment?.requirementsFile?.value, 'requirements.txt');
    assert.match(parseFlowFile('environment: {}\n', 'flex').problems[0]!.message, /needs an "entry"/);
  });

  it('counts from the same places with CRLF and a byte order mark', () => {
    const plain = parseFlowFile(dag, 'dag');
    const windows = parseFlowFile(`\ufeff${dag.replaceAll('\n', '\r\n')}`, 'dag');
    assert.deepEqual(windows.problems, []);
    const place = (file: FlowFile): unknown => file.lines.place('f', file.environment!.image!.range);
    assert.deepEqual(place(windows), place(plain));
    assert.equal(reader(windows)(windows.environment!.image!.range), 'acr.io/base:1');
    assert.equal(windows.inputs[0]?.description?.value, 'what to say');
  });

  it('keeps what parsed of a broken file, and says what is wrong where', () => {
    const broken = parseFlowFile(
      'environment:\n  image: a:1\nnodes:\n- name: x\n  source: {type: code\ninputs:\n  t: {type: string}\n',
      'dag',
    );
    assert.equal(broken.environment?.image?.value, 'a:1');
    assert.equal(broken.nodes[0]?.name?.value, 'x');
    assert.ok(broken.problems.some(({ severity }) => severity === 'error'));
    assert.ok(broken.problems.every(({ range }) => broken.lines.lineAndColumn(range.start).line >= 5));
  });

  it('names a value of the wrong form', () => {
    const told = (text: string): string[] =>
      parseFlowFile(text, 'dag').problems.map(({ message, severity }) => `${severity}: ${message}`);
    assert.match(told('environment: python\n').join(), /error: "environment" should be a mapping/);
    assert.match(told('nodes: {a: 1}\n').join(), /error: "nodes" should be a list/);
    assert.match(told('nodes:\n- type: python\n').join(), /error: A node needs a "name"/);
    assert.match(told('nodes:\n- name: a\n- name: a\n').join(), /error: There is another node called "a"/);
    assert.match(told('environment:\n  image: 3.10\n').join(), /warning: YAML reads this image/);
    assert.match(told('environment:\n  image: [a]\n').join(), /"image" should be a text/);
    assert.match(told('- a\n').join(), /error: A flow file should be a mapping/);
    assert.match(told('inputs:\n  a: 1\n  a: 2\n').join(), /error: There is another "a" above/);
    assert.match(told('a: *nowhere\n').join(), /error: There is no anchor &nowhere/);
    assert.match(told('a: 1\n---\nb: 2\n').join(), /error: A flow file holds one document/);
    assert.deepEqual(told(''), []);
    assert.deepEqual(told('environment:\nnodes: []\n'), []);
  });

  it('follows anchors and merge keys', () => {
    const file = parseFlowFile(
      'x: &all {image: a:1}\nenvironment:\n  <<: *all\n  python_requirements_txt: r.txt\n',
      'dag',
    );
    assert.deepEqual(file.problems, []);
    assert.equal(file.environment?.image?.value, 'a:1');
    assert.equal(file.environment?.requirementsFile?.value, 'r.txt');
  });
});
