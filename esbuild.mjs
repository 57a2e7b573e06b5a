// Builds dist/: the extension's small entry, the CLI, and one file for each module or package that they load on first use.
import { build, context } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';

const watch = process.argv.includes('--watch');
const production = !watch && !process.argv.includes('--dev');
const src = path.resolve('src');

const chunkName = (file) => path.relative(src, file).replace(/\.ts$/, '').split(path.sep).join('-');

/** Every `import()` becomes a file of its own beside the entry, so that what is not used is not even parsed. */
function lazyChunks(found) {
  return {
    name: 'lazy-chunks',
    setup(setup) {
      setup.onResolve({ filter: /.*/ }, async (args) => {
        if (args.kind !== 'dynamic-import' || args.pluginData === 'resolving') return undefined;
        const {
          path: file,
          external,
          errors,
        } = await setup.resolve(args.path, {
          kind: 'import-statement',
          resolveDir: args.resolveDir,
          importer: args.importer,
          pluginData: 'resolving',
        });
        if (errors.length > 0 || external || args.path.startsWith('node:')) return undefined;
        const name = file.startsWith(src) ? chunkName(file) : args.path.replace(/^@/, '').replaceAll('/', '-');
        found.set(name, file);
        return { path: `./${name}.js`, external: true };
      });
    },
  };
}

/** Parts of dockerode for what is not offered (building images, ssh): 85 % of its code, loaded eagerly, called never. */
const uncalled = /^(ssh2|protobufjs|@grpc\/grpc-js|@grpc\/proto-loader|tar-fs|@balena\/dockerignore)$/;

const leaveOut = {
  name: 'leave-out',
  setup(setup) {
    setup.onResolve({ filter: uncalled }, ({ path: name }) => ({ path: name, namespace: 'left-out' }));
    setup.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

function options(entryPoints, found) {
  return {
    entryPoints,
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: production,
    keepNames: true,
    sourcemap: !production,
    external: ['vscode'],
    // As require(): Node's import() of a CommonJS file first scans all of its text for exports.
    supported: { 'dynamic-import': false },
    legalComments: 'linked',
    logLevel: 'warning',
    plugins: [leaveOut, lazyChunks(found)],
  };
}

async function buildAll() {
  const found = new Map();
  const entries = {};
  if (fs.existsSync('src/cli/main.ts')) entries.cli = 'src/cli/main.ts';
  if (fs.existsSync('src/extension.ts')) entries.extension = 'src/extension.ts';
  await build(options(entries, found));
  const built = new Set(Object.keys(entries));
  for (;;) {
    const next = Object.fromEntries([...found].filter(([name]) => !built.has(name)));
    if (Object.keys(next).length === 0) break;
    await build(options(next, found));
    Object.keys(next).forEach((name) => built.add(name));
  }
  if (entries.cli) fs.chmodSync('dist/cli.js', 0o755);
  copyAgent();
  removeStale(built);
}

/** Last, and only what no build made: a test that is packing dist/ at the moment never finds a hole in it. */
function removeStale(built) {
  for (const file of fs.readdirSync('dist')) {
    if (file.endsWith('.js') && !built.has(file.slice(0, -3))) fs.rmSync(path.join('dist', file));
  }
}

function copyAgent() {
  const python = (file) => !/(__pycache__|\.pyc$|ruff\.toml$|\.ruff_cache)/.test(file);
  fs.rmSync('dist/agent', { recursive: true, force: true });
  fs.cpSync('src/agent', 'dist/agent', { recursive: true, filter: python });
}

await buildAll();
if (watch) {
  const watcher = await context({
    ...options({ extension: 'src/extension.ts', cli: 'src/cli/main.ts' }, new Map()),
    logLevel: 'silent',
    plugins: [
      {
        name: 'again',
        setup: (setup) => setup.onEnd(() => buildAll().then(() => console.log('built'), console.error)),
      },
    ],
    write: false,
  });
  await watcher.watch();
}
