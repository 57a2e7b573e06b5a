// `npm start`: sets itself up, builds, and runs the main job.
import fs from 'node:fs';
import path from 'node:path';
import { installPackages, run } from './run.mjs';

installPackages();
const newest = (folder) =>
  Math.max(
    ...fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => fs.statSync(path.join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
if (!fs.existsSync('dist/cli.js') || fs.statSync('dist/cli.js').mtimeMs < newest('src')) {
  console.error('Building…');
  const { code, output } = await run('node', ['esbuild.mjs'], { quiet: true });
  if (code !== 0) {
    console.error(output);
    process.exit(1);
  }
}
const { code } = await run('tsx', ['scripts/demo.ts', ...process.argv.slice(2)]);
process.exit(code);
