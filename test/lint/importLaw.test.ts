import assert from 'node:assert/strict';
import { ESLint } from 'eslint';

/** file → an import that the law of docs/architecture.md forbids there. */
const forbidden: readonly (readonly [string, string])[] = [
  ['src/core/base/logger.ts', '../contract/session'],
  ['src/core/flow/flow.ts', '../session/state'],
  ['src/core/contract/session.ts', '../session/state'],
  ['src/core/session/state.ts', '../providers/docker/endpoint'],
  ['src/core/providers/docker/endpoint.ts', '../../session/state'],
  ['src/core/providers/docker/endpoint.ts', '../local/localProvider'],
  ['src/core/providers/shared/pathMap.ts', '../docker/endpoint'],
  ['src/core/session/state.ts', 'vscode'],
  ['src/core/session/state.ts', 'dockerode'],
  ['src/cli/main.ts', '../vscode/ids'],
  ['src/vscode/ids.ts', '../core/providers/docker/endpoint'],
  ['src/vscode/ids.ts', '../cli/main'],
  ['src/vscode/views/sessionTree.ts', '../commands/registerCommand'],
];
const rules = new Set(['import-x/no-restricted-paths', '@typescript-eslint/no-restricted-imports']);

describe('the import law', function () {
  this.timeout(60_000);
  const eslint = new ESLint();

  for (const [file, imported] of forbidden) {
    it(`${file} must not import ${imported}`, async () => {
      const [result] = await eslint.lintText(`import * as found from '${imported}';\nexport const kept = found;\n`, {
        filePath: file,
      });
      const broken = result?.messages.filter((message) => rules.has(message.ruleId ?? '')) ?? [];
      assert.equal(broken.length, 1, JSON.stringify(result?.messages));
    });
  }

  it('allows what the law allows', async () => {
    const [result] = await eslint.lintText(`import * as found from '../base/errors';\nexport const kept = found;\n`, {
      filePath: 'src/core/session/state.ts',
    });
    assert.deepEqual(
      result?.messages.filter((message) => rules.has(message.ruleId ?? '')),
      [],
    );
  });
});
