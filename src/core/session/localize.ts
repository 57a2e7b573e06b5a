/** Renders a message key with its arguments: `vscode.l10n.t` in the editor, {@link english} elsewhere. */
export type Localize = (message: string, ...args: (string | number)[]) => string;

/** The keys are the English text, with `{0}`, `{1}` where the arguments go. */
export const english: Localize = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (hole, index: string) => String(args[Number(index)] ?? hole));
