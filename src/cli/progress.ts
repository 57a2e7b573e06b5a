import type { Phase } from '../core/contract/session';
import { english } from '../core/session/localize';
import { phaseText } from '../core/session/presentationText';
import type { Streams } from './console';

/** Shows the phases of an operation: one line that is redrawn on a terminal, else a plain line for each. */
export interface Progress {
  report(phase: Phase, fraction?: number, detail?: string): void;
  /** One line of live output below the phase. */
  log(line: string): void;
  /** Takes the redrawn line away. */
  clear(): void;
}

/** A plain line at every quarter of a pull is enough for a log file. */
const steps = 4;

class PlainProgress implements Progress {
  private phase: Phase | undefined;
  private step = 0;

  constructor(private readonly stderr: Streams['stderr']) {}

  report(phase: Phase, fraction?: number, detail?: string): void {
    const step = Math.floor((fraction ?? 0) * steps);
    if (phase === this.phase && step <= this.step) return;
    this.phase = phase;
    this.step = step;
    const percent = fraction === undefined || step === 0 ? '' : ` ${Math.floor(fraction * 100)} %`;
    this.stderr.write(`${phaseText(phase, english)}${percent}${detail === undefined ? '' : `: ${detail}`}\n`);
  }

  log(line: string): void {
    this.stderr.write(`  ${line}\n`);
  }

  clear(): void {
    // Plain lines stay.
  }
}

const barWidth = 20;

class DrawnProgress implements Progress {
  private drawn = '';

  constructor(private readonly stderr: Streams['stderr']) {}

  report(phase: Phase, fraction?: number, detail?: string): void {
    const bar = fraction === undefined ? '' : ` ${bars(fraction)} ${Math.floor(fraction * 100)} %`;
    this.draw(`${phaseText(phase, english)}${bar}${detail === undefined ? '' : `  ${detail}`}`);
  }

  log(line: string): void {
    const { drawn } = this;
    this.clear();
    this.stderr.write(`\u001b[2m  ${line}\u001b[22m\n`);
    this.draw(drawn);
  }

  clear(): void {
    if (this.drawn !== '') this.stderr.write('\r\u001b[K');
    this.drawn = '';
  }

  private draw(text: string): void {
    const cut = text.slice(0, (this.stderr.columns ?? 80) - 1);
    if (cut === this.drawn || cut === '') return;
    this.stderr.write(`\r\u001b[K${cut}`);
    this.drawn = cut;
  }
}

function bars(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * barWidth);
  return `[${'#'.repeat(full)}${' '.repeat(barWidth - full)}]`;
}

export function openProgress(stderr: Streams['stderr'], interactive: boolean): Progress {
  return interactive ? new DrawnProgress(stderr) : new PlainProgress(stderr);
}
