/** Rows below a heading, in columns; a column that holds nothing but its heading is left out. */
export function aligned([header = [], ...rows]: readonly (readonly string[])[]): string {
  const columns = header.map((_, at) => at).filter((at) => rows.some((row) => row[at]));
  const widths = new Map(columns.map((at) => [at, Math.max(...[header, ...rows].map((row) => row[at]?.length ?? 0))]));
  const line = (row: readonly string[]): string =>
    columns.map((at) => (row[at] ?? '').padEnd(widths.get(at) ?? 0)).join('  ');
  return [header, ...rows].map((row) => line(row).trimEnd()).join('\n');
}
