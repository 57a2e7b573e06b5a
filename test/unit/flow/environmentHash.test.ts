import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { environmentHash, environmentJson } from '../../../src/core/flow/environmentHash';
import { readFlow } from '../../../src/core/flow/flow';
import environments from './fixtures/environments.json';
import { TemporaryFolder } from './temporaryFolder';

interface Recorded {
  readonly name: string;
  readonly files: Readonly<Record<string, { readonly text?: string; readonly base64?: string }>>;
  readonly flow: string;
  readonly symlinks?: Readonly<Record<string, string>>;
  readonly environmentJson: string;
  readonly environmentHash: string;
}

describe("environment hash, as promptflow's own client computes it", () => {
  for (const recorded of environments as unknown as readonly Recorded[]) {
    it(recorded.name, async () => {
      const folder = new TemporaryFolder();
      try {
        for (const [name, { text, base64 }] of Object.entries(recorded.files))
          folder.write({ [name]: base64 === undefined ? (text ?? '') : Buffer.from(base64, 'base64') });
        for (const [link, target] of Object.entries(recorded.symlinks ?? {}))
          fs.symlinkSync(folder.in(target), folder.in(link));
        const flow = await readFlow(folder.in(recorded.flow));
        const { requirements, parsed } = flow;
        const bytes =
          requirements?.exists && fs.existsSync(requirements.path) ? fs.readFileSync(requirements.path) : undefined;
        assert.equal(environmentJson(parsed.environment?.value, requirements?.name, bytes), recorded.environmentJson);
        assert.equal(flow.environmentHash, recorded.environmentHash);
      } finally {
        folder.remove();
      }
    });
  }

  it('leads to the published session ids', () => {
    const sessionId = (lineageSource: string, hash: string): string => {
      const lineage = createHash('sha256').update(lineageSource).digest('hex');
      return createHash('sha256').update(`alice_${lineage}_${hash}`).digest('hex').slice(0, 48);
    };
    const hashOf = (image: string | undefined, requirements: string | undefined): string => {
      const section = image === undefined ? undefined : new Map([['image', image]]);
      const bytes = requirements === undefined ? undefined : Buffer.from(requirements);
      return environmentHash(section, bytes && 'requirements.txt', bytes);
    };
    const basic = 'promptflow/examples/flows/standard/basic';
    const feed = '# Füge hinzu\n-i https://{private}@pkgs.dev.azure.com/o/_packaging/f/pypi/simple/\n\ntest_package\n';
    const cases = [
      [basic, hashOf(undefined, undefined), 'b99a1c7e4762fec74fa1059b4a75877efd37aec35dfbe6c0'],
      [
        basic,
        hashOf(undefined, 'promptflow[azure]\npromptflow-tools'),
        'd4c874e3c81f0818f644abf5be7d0317451fe3994e25a7f0',
      ],
      ['myrepo/.', hashOf('python:3.8-slim', 'langchain\n'), '3c00a78125742d7c983be768eaf83be53c86ffd5ba919161'],
      ['myrepo/flows/über', hashOf(undefined, feed), '11f72c3a6cfcb96c690dbbbd5d65290b6eb1c2957be7e684'],
    ] as const;
    for (const [lineage, hash, expected] of cases) assert.equal(sessionId(lineage, hash), expected, lineage);
  });

  it('does not depend on where the flow lies', async () => {
    const [one, other] = [new TemporaryFolder(), new TemporaryFolder()];
    try {
      const files = { 'flow.dag.yaml': 'environment: {image: "a:1"}\n', 'requirements.txt': 'six\n' };
      const [left, right] = [await readFlow(one.write(files).path), await readFlow(other.write(files).path)];
      assert.notEqual(path.dirname(left.file), path.dirname(right.file));
      assert.equal(left.environmentHash, right.environmentHash);
    } finally {
      one.remove();
      other.remove();
    }
  });
});
