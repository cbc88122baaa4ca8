/** Plays a trajectory: a slider of frames, play and pause, single steps; of a run that goes on, the newest frame. */

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
  private live = false;
  private following = false;
  private said = "";
  private readonly play = button("play", "");
  private readonly newest = button("newest", "live", "Show the newest frame (l)");
  private readonly slider = element("input", { type: "range", min: 0, step: 1, "aria-label": "frame" });
  private readonly caption = element("output", { className: "caption" });

  constructor(
    private readonly frames: Frames,
    start: number,
    private readonly show: (frame: ToldFrame) => void,
    /** Where the newest frame of a run is. */
    private readonly latest: () => ToldFrame,
  ) {
    this.index = this.wanted = start;
    const back = button("back", "‹", "One frame back (,)");
    const on = button("on", "›", "One frame on (.)");
    this.root = element("div", { className: "player", role: "group", "aria-label": "trajectory" });
    this.root.append(back, this.play, on, this.slider, this.newest, this.caption);
    back.addEventListener("click", () => this.step(-1));
    on.addEventListener("click", () => this.step(1));
    this.play.addEventListener("click", () => this.toggle());
    this.newest.addEventListener("click", () => this.follow());
    this.slider.addEventListener("input", () => this.choose(this.slider.valueAsNumber));
    this.grow(frames.count);
  }

  get playing(): boolean {
    return this.timer !== undefined;
  }

  /** Whether there will be more frames. Who was shown the newest goes on seeing it. */
  setLive(live: boolean): void {
    if (live && !this.live) this.following = true;
    this.live = live;
    this.following &&= live;
    this.tellState();
  }

  /** There are more frames now. */
  grow(count: number): void {
    this.frames.count = count;
    this.slider.max = String(count - 1);
    this.slider.valueAsNumber = this.wanted;
    this.root.hidden = count < 2;
    this.tell(this.said);
  }

  /** The newest frame of a run. */
  arrive(frame: ToldFrame): void {
    if (!this.following && this.live) return;
    this.wanted = frame.told.index;
    this.slider.valueAsNumber = this.wanted;
    this.put(frame);
  }

  follow(): void {
    if (!this.live) return;
    this.pause();
    this.following = true;
    this.arrive(this.latest());
    this.tellState();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else {
      if (this.following) this.choose(0);
      this.timer = setInterval(() => this.advance(), 1000 / RATE);
    }
    this.tellState();
  }

  pause(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.tellState();
  }

  step(by: number): void {
    this.pause();
    this.choose(this.frames.wrap(this.wanted + by), by);
  }

  /** A frame has come: show it if it is the one that is waited for. */
  heed(frame: ToldFrame): void {
    if (this.frames.add(frame) && frame.told.index === this.wanted) this.put(frame);
  }

  /** Show the frame that is shown in other colours. */
  colour(by: string): void {
    this.frames.colour(by);
    this.go(this.wanted, this.following ? 0 : 1);
  }

  tell(caption: string): void {
    this.said = caption;
    setText(this.caption, `${caption}${caption ? " · " : ""}${this.index + 1} / ${this.frames.count}`);
    this.slider.setAttribute("aria-valuetext", caption || `frame ${this.index + 1}`);
  }

  /** The next frame, as soon as the one before is shown; after the last that there is, the newest of a run. */
  private advance(): void {
    if (this.index !== this.wanted) this.go(this.wanted);
    else if (this.live && this.index + 1 >= this.frames.count) this.follow();
    else this.go(this.frames.wrap(this.index + 1));
  }

  private choose(index: number, step = 1): void {
    this.following = false;
    this.tellState();
    this.go(index, step);
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

  private tellState(): void {
    setText(this.play, this.playing ? "❚❚" : "▶");
    this.play.setAttribute("aria-label", this.playing ? "pause" : "play");
    this.play.title = `${this.playing ? "Pause" : "Play"} (space)`;
    this.newest.hidden = !this.live;
    this.newest.setAttribute("aria-pressed", String(this.following));
  }
}

function button(className: string, text: string, title = ""): HTMLButtonElement {
  const label = title.replace(/ \(.\)$/, "").toLowerCase();
  return element("button", { type: "button", className, title, "aria-label": label }, text);
}
