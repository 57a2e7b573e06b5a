import * as vscode from 'vscode';
import type { TerminalChannel } from '../core/contract/runtime';
import { TerminalLink, type TerminalSize } from '../core/session/terminalLink';

type Open = (size: TerminalSize, signal: AbortSignal) => Promise<TerminalChannel>;

/** The session's shell as a terminal of the editor: a real TTY at the other end, with resize. */
export function showSessionTerminal(name: string, open: Open): vscode.Terminal {
  const written = new vscode.EventEmitter<string>();
  const ended = new vscode.EventEmitter<number>();
  const link = new TerminalLink(open, {
    write: (text) => written.fire(text),
    ended: (code) => ended.fire(code),
  });
  const pty: vscode.Pseudoterminal = {
    onDidWrite: written.event,
    onDidClose: ended.event,
    open: (size) => void link.open(size),
    close() {
      link.close();
      written.dispose();
      ended.dispose();
    },
    handleInput: (text) => link.type(text),
    setDimensions: (size) => link.resize(size),
  };
  const terminal = vscode.window.createTerminal({ name, pty, iconPath: new vscode.ThemeIcon('package') });
  terminal.show();
  return terminal;
}
