#!/usr/bin/env node
// The "desktop VS Code executable" that @vscode/test-electron is given: it must be one file that can be run by its path.
import { tsImport } from 'tsx/esm/api';

await tsImport('./code.ts', import.meta.url);
