/** The name of a package as indexes compare it (PEP 503): lower case, runs of `-`, `_` and `.` as one `-`. Extras are named alike. */
export function normalizePackageName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}
