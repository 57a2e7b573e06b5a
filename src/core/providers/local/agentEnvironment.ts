/** The person's environment as an agent inherits it: runs see what the person would see in a terminal, with exceptions. */

/** Would lead Python, pip or Node astray, or belong to the process that happens to start the session. */
const FOREIGN = [
  'PYTHONHOME',
  'PYTHONSTARTUP',
  'PYTHONEXECUTABLE',
  'PYTHONDONTWRITEBYTECODE',
  '__PYVENV_LAUNCHER__',
  'VIRTUAL_ENV',
  'VIRTUAL_ENV_PROMPT',
  'CONDA_PREFIX',
  'CONDA_DEFAULT_ENV',
  'PYENV_VERSION',
  'ELECTRON_RUN_AS_NODE',
  'ELECTRON_NO_ATTACH_CONSOLE',
  'NODE_OPTIONS',
  'NODE_CHANNEL_FD',
  'INIT_CWD',
  'PWD',
  'OLDPWD',
  'SHLVL',
];
const FOREIGN_PREFIXES = ['VSCODE_', 'npm_', 'CHROME_'];

/** `secret`: names of variables that carry credentials; they go with each operation instead. */
export function agentEnvironment(
  environment: NodeJS.ProcessEnv,
  secret: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const isForeign = (name: string): boolean =>
    FOREIGN.includes(name) || FOREIGN_PREFIXES.some((prefix) => name.startsWith(prefix)) || name in secret;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isForeign(name)));
}
