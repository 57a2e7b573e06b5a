import fs from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { document, machineText, missed, type RowReport, table } from './report';
import type { Row } from './row';
import { cliRun } from './rows/cliRun';
import { extension } from './rows/extension';
import { firstOutput } from './rows/firstOutput';
import { install } from './rows/install';
import { list } from './rows/list';
import { local } from './rows/local';
import { pandas } from './rows/pandas';
import { rest } from './rows/rest';
import { start } from './rows/start';
import { warmRun } from './rows/warmRun';
import { Stand } from './stand';

const rows: readonly Row[] = [start, firstOutput, warmRun, cliRun, pandas, install, extension, list, rest, local];
const names = rows.map(({ name }) => name).join(', ');
const usage = `Use: npm run bench -- [--only NAME]… [--json FILE]
  --only    one of: ${names}
  --json    also writes every sample to FILE
Exit code 1: a budget is missed.`;

/** Measures against what a person would use instead, in this one run, and prints one table. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const wanted = rows.filter(({ name }) => values.only?.includes(name) ?? true);
  if (values.help || wanted.length < (values.only?.length ?? 0)) {
    console.error(usage);
    return values.help ? 0 : 2;
  }
  const reports = await measure(wanted);
  console.log(table(reports));
  const count = missed(reports);
  console.log(`\n${machineText(reports)} ${count === 0 ? 'All budgets kept.' : `Missed: ${count}.`}`);
  if (values.json) fs.writeFileSync(values.json, `${JSON.stringify(document(reports), undefined, 2)}\n`);
  return count > 0 ? 1 : 0;
}

async function measure(wanted: readonly Row[]): Promise<RowReport[]> {
  const stand = await Stand.open();
  const reports: RowReport[] = [];
  for (const { name, measure } of wanted) {
    process.stderr.write(`bench: ${name}\n`);
    const load = os.loadavg()[0]!;
    const done = await measure(stand).then(
      (figures) => ({ figures }),
      (error: unknown) => ({ figures: [], error: error instanceof Error ? error.message : String(error) }),
    );
    reports.push({ row: name, load: Math.max(load, os.loadavg()[0]!), ...done });
    if ('error' in done) stand.removeContainers();
  }
  stand.dispose();
  return reports;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  },
);
