import { Frames } from './frames';

/**
 * What a connection gets in one round, from one room or several. Connections that get the same share one
 * bundle, and so one joined buffer: extending it twice by the same frames gives the same bundle.
 */
export class Bundle {
  private readonly longer = new Map<Frames, Bundle>();
  private joined: Frames | undefined;

  constructor(private readonly list: readonly Frames[]) {}

  with(frames: Frames): Bundle {
    let next = this.longer.get(frames);
    if (next === undefined) this.longer.set(frames, (next = new Bundle([...this.list, frames])));
    return next;
  }

  /** All of it in one buffer, joined at the first call. */
  get frames(): Frames {
    return (this.joined ??= Frames.join(this.list));
  }
}
