/** Plays a trajectory: a slider of frames, play and pause, single steps. */

import { element, setText } from "./element";
import type { Frames } from "./frames";
import type { ToldFrame } from "./structure";

/** Frames a second while it plays. */
const RATE = 20;

export class Player {
  readonly root: HTMLElement;
  index: number;
  private wanted: number;
  private timer: ReturnType<typeof setInterval> | undefined;
  private readonly play = element("button", { type: "button", className: "play" });
  private readonly slider: HTMLInputElement;
  private readonly caption = element("output", { className: "caption" });

  constructor(
    private readonly frames: Frames,
    start: number,
    private readonly show: (frame: ToldFrame) => void,
  ) {
    this.index = this.wanted = start;
    const last = frames.count - 1;
    this.slider = element("input", { type: "range", min: 0, max: last, step: 1, "aria-label": "frame" });
    this.slider.valueAsNumber = start;
    const back = element(
      "button",
      { type: "button", title: "One frame back (,)", "aria-label": "one frame back" },
      "‹",
    );
    const on = element("button", { type: "button", title: "One frame on (.)", "aria-label": "one frame on" }, "›");
    this.root = element("div", { className: "player", role: "group", "aria-label": "trajectory" });
    this.root.append(back, this.play, on, this.slider, this.caption);
    this.root.hidden = last < 1;
    back.addEventListener("click", () => this.step(-1));
    on.addEventListener("click", () => this.step(1));
    this.play.addEventListener("click", () => this.toggle());
    this.slider.addEventListener("input", () => this.go(this.slider.valueAsNumber));
    this.tellPlaying();
  }

  get playing(): boolean {
    return this.timer !== undefined;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.timer = setInterval(() => this.advance(), 1000 / RATE);
    this.tellPlaying();
  }

  pause(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.tellPlaying();
  }

  step(by: number): void {
    this.pause();
    this.go(this.frames.wrap(this.wanted + by), by);
  }

  /** A frame has come: show it if it is the one that is waited for. */
  heed(frame: ToldFrame): void {
    if (this.frames.add(frame) && frame.told.index === this.wanted) this.put(frame);
  }

  /** Show the frame that is shown in other colours. */
  colour(by: string): void {
    this.frames.colour(by);
    this.go(this.wanted);
  }

  tell(caption: string): void {
    setText(this.caption, `${caption}${caption ? " · " : ""}${this.index + 1} / ${this.frames.count}`);
    this.slider.setAttribute("aria-valuetext", caption || `frame ${this.index + 1}`);
  }

  /** The next frame, as soon as the one before is shown. */
  private advance(): void {
    if (this.index === this.wanted) this.go(this.frames.wrap(this.index + 1));
    else this.go(this.wanted);
  }

  private go(index: number, step = 1): void {
    this.wanted = index;
    this.slider.valueAsNumber = index;
    const frame = this.frames.get(index, step);
    if (frame) this.put(frame);
  }

  private put(frame: ToldFrame): void {
    this.index = frame.told.index;
    this.show(frame);
    this.tell(frame.told.caption);
  }

  private tellPlaying(): void {
    setText(this.play, this.playing ? "❚❚" : "▶");
    this.play.setAttribute("aria-label", this.playing ? "pause" : "play");
    this.play.title = `${this.playing ? "Pause" : "Play"} (space)`;
  }
}
