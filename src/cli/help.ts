import { commonOptions } from './arguments';
import type { CommandSpec, Option } from './command';

const width = 30;

function row(left: string, right: string): string {
  const start = `  ${left}`;
  return start.length < width ? `${start.padEnd(width)}${right}` : `${start}\n${' '.repeat(width)}${right}`;
}

function optionRow([name, option]: readonly [string, Option]): string {
  const value = option.type === 'string' ? ` ${option.value ?? 'VALUE'}` : '';
  return row(`--${name}${value}${option.greedy ? ' …' : ''}`, option.help);
}

/** The help of one command. */
export function commandHelp(spec: CommandSpec): string {
  const offered = Object.entries({ ...spec.options, ...commonOptions }).filter(
    ([, option]: [string, Option]) => !option.later,
  );
  const flow = 'FLOW is a flow folder or file; left out: this folder, or the only flow below it.';
  return [
    `pf-session ${spec.name}${spec.flow ? ' [FLOW]' : ''} [OPTIONS]`,
    '',
    spec.summary.charAt(0).toUpperCase() + spec.summary.slice(1) + '.',
    ...(spec.description === undefined ? [] : [spec.description]),
    ...(spec.flow ? [flow] : []),
    '',
    'Options:',
    ...offered.map(optionRow),
    '',
    'Examples:',
    ...spec.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

/** The help of the program. `commands` are names with summaries, in order. */
export function programHelp(commands: readonly (readonly [string, string])[], version: string): string {
  return [
    `pf-session ${version}: compute sessions for prompt flows, on Docker or on this computer`,
    '',
    'Usage: pf-session COMMAND [FLOW] [OPTIONS]',
    '',
    'Commands:',
    ...commands.map(([name, summary]) => row(name, summary)),
    '',
    'Every command takes --json and --help. Exit codes: 0 done, 1 failed, 2 wrong use, 130 cancelled.',
    '',
    'Environment:',
    row('PF_SESSION_PROVIDER', 'docker, local or auto: where sessions start'),
    row('PF_SESSION_IMAGE', 'image for flows that name none'),
    row('PF_SESSION_IDLE_MINUTES', 'stop idle sessions after so many minutes, 0 = never'),
    row('PF_SESSION_HOST_NETWORK', "auto or off: whether this computer's proxy, certificates and index reach sessions"),
    row('NO_COLOR, CI', 'plain lines instead of colours and progress bars'),
    '',
    'Examples:',
    '  pf-session start examples/ticket-triage',
    '  pf-session run examples/ticket-triage --inputs ticket="cannot sign in"',
    '  pf-session stop --all',
    '',
  ].join('\n');
}
