import { spawnSync } from 'node:child_process';
import type { TerminalChannel } from '../../core/contract/runtime';
import { usageError } from '../arguments';
import type { Command } from '../command';
import { connectFlow } from '../flowArgument';

export const shell: Command = {
  spec: {
    name: 'shell',
    summary: 'an interactive terminal in the session',
    description:
      "In the flow folder, with the session's Python first on PATH. Ends with the shell's own exit code. What comes through a pipe\nis run as a script, without a terminal.",
    flow: true,
    options: {},
    examples: ['pf-session shell flows/greet', "echo 'pip list' | pf-session shell flows/greet"],
  },
  run: async (invocation) => {
    if (invocation.console.json) throw usageError('shell is interactive: it takes no --json.');
    const { runtime, provider } = await connectFlow(invocation);
    if (!provider.capabilities.terminal) throw usageError(`The provider ${provider.id} offers no terminal.`);
    const { signal } = invocation.interruption;
    const terminal = await runtime.openTerminal({ ...size(), plain: !process.stdin.isTTY }, signal);
    return { json: null, text: '', exitCode: await attach(terminal, signal) };
  },
};

function size(): { columns: number; rows: number } {
  return { columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
}

/** Node's raw mode still turns each LF into CR LF, which spoils full-screen programs; leaving it restores all. */
function enterRawMode(): void {
  process.stdin.setRawMode(true);
  if (process.platform !== 'win32') spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
}

/** Joins this terminal with the session's until the shell ends. Raw, so that Ctrl-C reaches the shell. */
async function attach(terminal: TerminalChannel, signal: AbortSignal): Promise<number> {
  const { stdin, stdout } = process;
  const raw = stdin.isTTY;
  const onData = (data: Buffer): void => terminal.write(data);
  const onEnd = (): void => terminal.end();
  const onResize = (): void => terminal.resize(size().columns, size().rows);
  const leave = (): void => terminal.dispose();
  const output = terminal.onData((data) => stdout.write(data));
  if (raw) enterRawMode();
  stdin.on('data', onData).on('end', onEnd);
  stdout.on('resize', onResize);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await terminal.exit;
  } finally {
    if (raw) stdin.setRawMode(false);
    stdin.off('data', onData).off('end', onEnd).pause();
    stdout.off('resize', onResize);
    signal.removeEventListener('abort', leave);
    output.dispose();
    terminal.dispose();
  }
}
