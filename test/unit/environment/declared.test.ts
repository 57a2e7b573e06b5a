import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { declaredPackages } from '../../../src/core/environment/declared';
import { readRequirementsTree } from '../../../src/core/flow/requirementsTree';

describe('declared packages', () => {
  it('lists what the requirements files ask for by name, nested files too', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'declared-'));
    try {
      fs.mkdirSync(path.join(folder, 'env'));
      fs.writeFileSync(
        path.join(folder, 'reqs.txt'),
        [
          '# a comment',
          'Six >= 1.15 , <2  # why',
          '-r env/more.txt',
          '-c limits.txt',
          '--extra-index-url https://user:secret@feed.example/simple',
          'requests[socks] ; python_version < "3"',
          'tool @ https://user:secret@feed.example/tool-1.0.zip',
          './wheels/own_tool-1.2.0-py3-none-any.whl',
          './src/unnamed',
        ].join('\n'),
      );
      fs.writeFileSync(path.join(folder, 'env', 'more.txt'), 'cowsay==6.0\n');
      fs.writeFileSync(path.join(folder, 'limits.txt'), 'six<1.17\nnumpy<2\n');
      const declared = declaredPackages(await readRequirementsTree(path.join(folder, 'reqs.txt')));
      assert.deepEqual(
        declared.map(({ name, text, specifier, file, line }) => [name, text, specifier, file, line]),
        [
          ['Six', 'Six>=1.15,<2', '>=1.15,<2', 'reqs.txt', 2],
          ['cowsay', 'cowsay==6.0', '==6.0', 'env/more.txt', 1],
          ['requests', 'requests[socks]', '', 'reqs.txt', 6],
          ['tool', 'tool @ https://***@feed.example/tool-1.0.zip', '', 'reqs.txt', 7],
          ['own-tool', './wheels/own_tool-1.2.0-py3-none-any.whl', '==1.2.0', 'reqs.txt', 8],
        ],
      );
      assert.equal(declared[2]?.marker?.kind, 'comparison');
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
