/** Frames of a trajectory: a few of them are kept, the next ones are asked for before they are needed. */

import type { Request, ToldFrame } from "./structure";

/** Bytes that are kept, and how many frames ahead are asked for. */
const ROOM = 48e6;
const AHEAD = 6;
/** Milliseconds after which a frame that did not come is asked for again. */
const PATIENCE = 3000;

export class Frames {
  by: string;
  private readonly kept = new Map<number, ToldFrame>();
  private readonly asked = new Map<number, number>();

  constructor(
    public count: number,
    private readonly send: (request: Request) => void,
    by: string,
  ) {
    this.by = by;
  }

  /** Colour by something else; what is kept has the old colours. */
  colour(by: string): void {
    this.by = by;
    this.kept.clear();
    this.asked.clear();
  }

  /** A frame that has come; the oldest ones make room for it. */
  add(frame: ToldFrame): boolean {
    const { index, by } = frame.told;
    if (by !== this.by) return false;
    this.asked.delete(index);
    this.kept.delete(index);
    this.kept.set(index, frame);
    const room = Math.max(2 * AHEAD, Math.floor(ROOM / (4 * (frame.positions.length + frame.values.length) || 1)));
    for (const oldest of this.kept.keys()) if (this.kept.size > room) this.kept.delete(oldest);
    return true;
  }

  /** A frame, if it is here. It and those that follow in a direction are asked for where they are not. */
  get(index: number, step = 1, now = performance.now()): ToldFrame | undefined {
    const wanted = Array.from({ length: AHEAD + 1 }, (_, ahead) => this.wrap(index + ahead * step));
    const missing = [...new Set(wanted)].filter((one) => !this.kept.has(one) && !this.isAsked(one, now));
    // Few at a time are asked for when some are on their way, all when the one that is needed is missing.
    if (missing.length && (missing[0] === index || missing.length > AHEAD / 2 || this.asked.size === 0)) {
      for (const one of missing) this.asked.set(one, now);
      this.send({ ask: "frames", numbers: missing, by: this.by });
    }
    return this.kept.get(index);
  }

  wrap(index: number): number {
    return ((index % this.count) + this.count) % this.count;
  }

  private isAsked(index: number, now: number): boolean {
    return now - (this.asked.get(index) ?? Number.NEGATIVE_INFINITY) < PATIENCE;
  }
}
