import js from '@eslint/js';
import { importX } from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';

// The import law of docs/architecture.md: who may import whom. Each zone says what the target must not import.
const zone = (target, from, except = []) => ({
  target,
  from,
  except,
  message: 'See "Who may import whom" in docs/architecture.md.',
});
const importLaw = [
  zone('./src/core', './src/vscode'),
  zone('./src/core', './src/cli'),
  zone('./src/core/base', './src/core', ['./base']),
  zone('./src/core/flow', './src/core', ['./base', './flow']),
  zone('./src/core/contract', './src/core', ['./base', './flow', './contract']),
  zone('./src/core/session', './src/core/providers'),
  zone('./src/core/environment', './src/core/providers'),
  zone('./src/core/providers', './src/core/session'),
  zone('./src/core/providers/shared', './src/core/providers', ['./shared']),
  ...['docker', 'azure', 'local'].map((p) =>
    zone(`./src/core/providers/${p}`, './src/core/providers', ['./shared', `./${p}`]),
  ),
  zone('./src/cli', './src/vscode'),
  zone('./src/vscode', './src/core/providers'),
  zone('./src/vscode', './src/cli'),
  ...['views', 'editors', 'wizard'].map((v) => zone(`./src/vscode/${v}`, './src/vscode/commands')),
  zone('./src', './src/extension.ts'),
];
const heavy = {
  name: 'dockerode',
  message: 'Only src/core/providers/docker/dockerClient.ts loads dockerode, on first use.',
  allowTypeImports: true,
};

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'out/**',
      'test-results/**',
      'node_modules/**',
      '.cache/**',
      'test/**/fixtures/**',
      'examples/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts', '**/*.mts'] })),
  {
    files: ['**/*.ts', '**/*.mts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones: importLaw }],
      '@typescript-eslint/no-restricted-imports': ['error', { paths: [heavy] }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/core/**', 'src/cli/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [heavy, { name: 'vscode', message: 'The core and the CLI run without VS Code.' }] },
      ],
    },
  },
  {
    files: ['src/core/providers/docker/dockerClient.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: [{ name: 'vscode' }] }] },
  },
  {
    files: ['test/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: ['describe', 'it'] }],
    },
  },
);
