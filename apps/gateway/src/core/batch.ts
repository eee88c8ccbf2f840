import type { Encoder, Frames, ServerEvent } from './frames';
import type { CarriedEvent } from './room-event';

/** Events a connection may have: those after `after`, up to and with `upTo`. */
export interface Span {
  after: number;
  upTo: number;
}

/** What a room gives out at once: its events after `after` and the signals meanwhile, encoded once per protocol. */
export class Batch {
  private readonly encoded = new Map<Encoder, Frames>();

  constructor(
    readonly after: number,
    readonly events: readonly CarriedEvent[],
    private readonly signals: readonly ServerEvent[],
  ) {}

  get last(): number {
    return this.after + this.events.length;
  }

  /** All of it. */
  frames(encoder: Encoder): Frames {
    let frames = this.encoded.get(encoder);
    if (frames === undefined) {
      frames = encoder.encode([...this.events, ...this.signals]);
      this.encoded.set(encoder, frames);
    }
    return frames;
  }

  /** What lies within `span`; signals only for who stays. */
  cut(encoder: Encoder, span: Span): Frames | undefined {
    const stays = span.upTo > this.last;
    const from = Math.min(Math.max(0, span.after - this.after), this.events.length);
    const to = stays ? this.events.length + this.signals.length : span.upTo - this.after;
    return to > from ? this.frames(encoder).slice(from, to) : undefined;
  }
}
