import { bringUpBed, takeDownBed, type Bed } from './bed';
import { say } from './command';

/** `up [--json]` or `down`. */
async function main([verb, ...options]: readonly string[]): Promise<void> {
  if (verb === 'down') {
    await takeDownBed();
    return say('down; images and downloads are kept');
  }
  if (verb !== 'up') throw new Error('usage: main.ts up [--json] | down');
  const bed = await bringUpBed();
  process.stdout.write(options.includes('--json') ? `${JSON.stringify(bed)}\n` : `${told(bed)}\n`);
}

function told(bed: Bed): string {
  return [
    `DOCKER_HOST=${bed.dockerHost}`,
    ...Object.entries(bed.images).map(([name, tag]) => `image ${name}: ${tag}`),
    `registry: ${bed.registry.host} (${bed.registry.user} / ${bed.registry.password})`,
    `feed: ${bed.feed.url} (${bed.feed.user} / ${bed.feed.token})`,
  ].join('\n');
}

// A broken socket of a fetch must not keep the process: what was started is detached.
main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
