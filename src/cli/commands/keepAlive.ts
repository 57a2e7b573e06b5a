import type { Command } from '../command';
import { connectFlow } from '../flowArgument';
import { parseMinutes, secondsText } from '../units';

export const keepAlive: Command = {
  spec: {
    name: 'keep-alive',
    summary: 'start the idle countdown anew',
    flow: true,
    options: { minutes: { type: 'string', value: 'MINUTES', help: 'hold the countdown off for so long' } },
    examples: ['pf-session keep-alive flows/greet', 'pf-session keep-alive --minutes 120'],
  },
  run: async (invocation) => {
    const given = invocation.arguments.text('minutes');
    const minutes = given === undefined ? undefined : parseMinutes(given, '--minutes', 1);
    const { signal } = invocation.interruption;
    const { runtime, flow } = await connectFlow(invocation);
    await runtime.keepAlive(minutes, signal);
    const { idle } = await runtime.state(signal);
    const left = idle.remainingSeconds;
    const when = left === null ? 'does not stop by itself now' : `stops when idle, in ${secondsText(left)}`;
    return { json: { id: runtime.id, idle }, text: `${flow.name} ${when}` };
  },
};
