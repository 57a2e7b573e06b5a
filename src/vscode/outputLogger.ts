import type * as vscode from 'vscode';
import type { Logger } from '../core/base/logger';

/** The log channel as the core's Logger. */
export function outputLogger(channel: vscode.LogOutputChannel): Logger {
  return {
    trace: (message) => channel.trace(message),
    debug: (message) => channel.debug(message),
    info: (message) => channel.info(message),
    warn: (message) => channel.warn(message),
    error: (message) => channel.error(message),
  };
}
