const endings = new Set<() => void>();
let listening = false;

/**
 * Calls back when this process ends, an interruption by signal included; the callback cannot wait. Gives the function that takes
 * the request back.
 */
export function onEnd(ending: () => void): () => void {
  endings.add(ending);
  if (!listening) listen();
  return () => void endings.delete(ending);
}

function listen(): void {
  listening = true;
  process.once('exit', () => {
    for (const ending of [...endings].reverse()) ending();
  });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
}
