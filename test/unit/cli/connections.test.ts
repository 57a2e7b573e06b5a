import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readConnections } from '../../../src/cli/connections';

const module = 'promptflow.connections';

describe('connection files', () => {
  it("become what promptflow's dict provider takes", async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'connections-'));
    const write = (name: string, ...lines: string[]): string => {
      fs.writeFileSync(path.join(folder, name), lines.join('\n'));
      return `${path.parse(name).name}=${path.join(folder, name)}`;
    };
    try {
      const files = [
        write(
          'azure.yaml',
          '$schema: x',
          'name: y',
          'type: azure_open_ai',
          'api_key: "${env:KEY}"',
          'api_base: https://a/',
        ),
        write('own.yml', 'type: custom', 'configs: {a: 1}', 'secrets: {b: "${env:KEY}"}'),
        write('ready.json', `{"type": "OpenAIConnection", "module": "${module}", "value": {"api_key": "k"}}`),
      ];
      assert.deepEqual(await readConnections(files, { KEY: 'k3y' }), {
        azure: { type: 'AzureOpenAIConnection', module, value: { api_key: 'k3y', api_base: 'https://a/' } },
        own: { type: 'CustomConnection', module, value: { a: 1, b: 'k3y' }, secret_keys: ['b'] },
        ready: { type: 'OpenAIConnection', module, value: { api_key: 'k' } },
      });
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
