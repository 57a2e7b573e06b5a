import { StringDecoder } from 'node:string_decoder';
import * as vscode from 'vscode';
import { asSessionError } from '../core/base/errors';
import type { TerminalChannel } from '../core/contract/runtime';

type Open = (size: { columns: number; rows: number }) => Promise<TerminalChannel>;

/** The session's shell as a terminal of the editor: a real TTY at the other end, with resize. */
export function showSessionTerminal(name: string, open: Open): vscode.Terminal {
  const written = new vscode.EventEmitter<string>();
  const closed = new vscode.EventEmitter<number>();
  const decoder = new StringDecoder('utf8');
  let channel: TerminalChannel | undefined;
  let size = { columns: 80, rows: 24 };
  let waiting = '';

  const connect = async (): Promise<void> => {
    channel = await open(size);
    channel.onData((data) => written.fire(decoder.write(Buffer.from(data))));
    channel.resize(size.columns, size.rows);
    if (waiting) channel.write(Buffer.from(waiting));
    closed.fire(await channel.exit);
  };
  const pty: vscode.Pseudoterminal = {
    onDidWrite: written.event,
    onDidClose: closed.event,
    open(dimensions) {
      if (dimensions) size = dimensions;
      connect().catch((error: unknown) => {
        written.fire(`${asSessionError(error).message}\r\n`);
        closed.fire(1);
      });
    },
    close: () => channel?.dispose(),
    handleInput(data) {
      if (channel) channel.write(Buffer.from(data));
      else waiting += data;
    },
    setDimensions(dimensions) {
      size = dimensions;
      channel?.resize(dimensions.columns, dimensions.rows);
    },
  };
  const terminal = vscode.window.createTerminal({ name, pty, iconPath: new vscode.ThemeIcon('package') });
  terminal.show();
  return terminal;
}
