import type { PullMessage } from './engineFacts';

interface Layer {
  total: number | undefined;
  downloaded: number;
  extracted: number;
  done: boolean;
}

/** How much of a layer's work its download is; the rest is unpacking. */
const downloadShare = 0.75;

/** Folds the messages of a pull into one number. Layers weigh by their size as soon as it is known; it never falls. */
export class PullProgress {
  private readonly layers = new Map<string, Layer>();
  private highest = 0;

  /** Takes one message in; the fraction of the pull done, 0…1. */
  add(message: PullMessage): number {
    const { id, status = '' } = message;
    // What is there already is no work, and told of before the layers that are.
    if (id && !/^(Pulling from|Already exists)/.test(status)) this.note(this.layer(id), status, message.progressDetail);
    this.highest = Math.max(this.highest, this.fraction());
    return this.highest;
  }

  /** Bytes to download, as far as the engine has told them. */
  get knownBytes(): number {
    return [...this.layers.values()].reduce((sum, { total }) => sum + (total ?? 0), 0);
  }

  private layer(id: string): Layer {
    const known = this.layers.get(id);
    if (known) return known;
    const layer: Layer = { total: undefined, downloaded: 0, extracted: 0, done: false };
    this.layers.set(id, layer);
    return layer;
  }

  private note(layer: Layer, status: string, detail: PullMessage['progressDetail']): void {
    const { current = 0, total } = detail ?? {};
    if (total) layer.total ??= total;
    const part = total ? Math.min(1, current / total) : 0;
    if (status === 'Downloading') layer.downloaded = Math.max(layer.downloaded, part);
    else if (/^(Verifying|Download complete)/.test(status)) layer.downloaded = 1;
    else if (status === 'Extracting') [layer.downloaded, layer.extracted] = [1, Math.max(layer.extracted, part)];
    else if (/^Pull complete/.test(status)) layer.done = true;
  }

  private fraction(): number {
    const layers = [...this.layers.values()];
    if (layers.length === 0) return 0;
    const sizes = layers.flatMap(({ total }) => total ?? []);
    const typical = sizes.length > 0 ? sizes.reduce((sum, size) => sum + size, 0) / sizes.length : 1;
    const weight = (layer: Layer): number => layer.total ?? typical;
    const share = (layer: Layer): number =>
      layer.done ? 1 : layer.downloaded * downloadShare + layer.extracted * (1 - downloadShare);
    const all = layers.reduce((sum, layer) => sum + weight(layer), 0);
    return layers.reduce((sum, layer) => sum + weight(layer) * share(layer), 0) / all;
  }
}
