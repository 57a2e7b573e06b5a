import { describeLifecycle } from './lifecycle';
import type { ProviderBed } from './bed';
import { describeRuntime } from './runtime';

/** What every provider keeps to. */
export function describeProvider(name: string, open: () => Promise<ProviderBed>): void {
  describe(`${name} provider`, () => {
    describeLifecycle(open);
    describeRuntime(open);
  });
}
