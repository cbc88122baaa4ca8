/** One slider and one number for every parameter that may change while the run goes on. */

import { element } from "./element";
import { hasEnded, type Request, type Slider, type Status } from "./run";

/** Milliseconds between two requests while a slider is dragged. */
const PATIENCE = 100;
/** Milliseconds a run has to take over what was asked; until then older values from it are on their way. */
const DELIVERY = 2000;
let labels = 0;

export class Sliders {
  readonly root = element("div", { className: "sliders" });
  private readonly rows: Row[];

  constructor(sliders: Slider[], send: (request: Request) => void) {
    this.rows = sliders.map((slider) => new Row(slider, send));
    this.root.append(...this.rows.flatMap((row) => row.parts));
    this.root.hidden = sliders.length === 0;
  }

  update(live: Record<string, number>, status: Status): void {
    for (const row of this.rows) row.update(live[row.slider.name], hasEnded(status));
  }
}

class Row {
  readonly parts: HTMLElement[];
  private readonly range: HTMLInputElement;
  private readonly number: HTMLInputElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private delivery: ReturnType<typeof setTimeout> | undefined;
  private latest: number | undefined;
  private asked: number | undefined;

  constructor(
    readonly slider: Slider,
    private readonly send: (request: Request) => void,
  ) {
    const id = `mlip-slider-${labels++}`;
    const { label, unit, doc, low, high, step } = slider;
    this.range = element("input", { type: "range", id, min: low, max: high, step, title: doc });
    this.number = element("input", {
      type: "number",
      min: low,
      max: high,
      step: "any",
      "aria-label": `${label}, ${unit}`,
    });
    const box = element("span", { className: "number" }, this.number, element("span", { className: "unit" }, unit));
    this.parts = [element("label", { for: id, title: doc }, label), this.range, box];
    this.range.addEventListener("input", () => this.drag());
    this.range.addEventListener("change", () => this.ask(this.range.valueAsNumber));
    this.number.addEventListener("change", () => this.ask(this.number.valueAsNumber));
  }

  /** The value of the run; not while the user is about to give another one, nor while that is on its way. */
  update(value: number | undefined, ended: boolean): void {
    this.range.disabled = this.number.disabled = ended;
    this.latest = value;
    if (value === this.asked) this.settle();
    else this.show();
  }

  private settle(): void {
    clearTimeout(this.delivery);
    this.asked = undefined;
    this.show();
  }

  private show(): void {
    const value = this.latest;
    if (value === undefined || this.timer !== undefined || this.asked !== undefined) return;
    this.range.max = String(Math.max(this.slider.high, value));
    this.range.valueAsNumber = value;
    if (!this.isTyping()) this.number.value = String(Number(value.toPrecision(6)));
  }

  private isTyping(): boolean {
    return (this.number.getRootNode() as Document | ShadowRoot).activeElement === this.number;
  }

  private drag(): void {
    this.number.value = this.range.value;
    this.timer ??= setTimeout(() => this.ask(this.range.valueAsNumber), PATIENCE);
  }

  private ask(value: number): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!Number.isFinite(value)) return;
    this.asked = value;
    clearTimeout(this.delivery);
    this.delivery = setTimeout(() => this.settle(), DELIVERY);
    this.send({ ask: "set", name: this.slider.name, value });
  }
}
