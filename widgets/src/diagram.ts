/** One diagram of the run against time, with a legend that tells the values under the cursor, else the newest. */

import uPlot from "uplot";
import { element, setText } from "./element";
import { formatAverage, formatValue } from "./format";
import type { Average, Plot } from "./run";
import type { Columns } from "./series";
import { colour, dash, gridColour, type Theme, textColour } from "./theme";

const HEIGHT = 150;
/** Opacity of the band about a mean. */
const BAND = 0.35;

export class Diagram {
  readonly root: HTMLElement;
  private readonly canvas = element("div", { className: "canvas" });
  private readonly values: HTMLElement[];
  private readonly means: HTMLElement[];
  private readonly swatches: SVGLineElement[];
  private readonly chart: uPlot;
  private averages: (Average | null)[] = [];
  private zoomed = false;
  private theme: Theme = "light";

  constructor(
    private readonly plot: Plot,
    timeUnit: string,
  ) {
    const names = plot.target ? [...plot.traces, "target"] : plot.traces;
    this.values = names.map(() => element("span", { className: "value" }));
    this.swatches = names.map((_, trace) => swatch(trace));
    this.means = names.map(() => element("span", { className: "mean" }));
    const legend = names.map((name, trace) =>
      element(
        "span",
        { className: "entry" },
        line(this.swatches[trace]),
        name,
        this.values[trace] ?? "",
        this.means[trace] ?? "",
      ),
    );
    const caption = element("div", { className: "legend" }, `${plot.label}, ${plot.unit}`, ...legend);
    this.root = element("div", { className: "plot", role: "img", "aria-label": plot.label }, caption, this.canvas);
    this.chart = new uPlot(this.options(names, timeUnit), empty(names.length));
    this.canvas.append(this.chart.root);
  }

  /** Draw the columns: time, then one per trace; `target` is drawn as a level, `averages` as bands of one error. */
  update(columns: Columns, target: number | undefined, theme: Theme, averages: (Average | null)[] = []): void {
    this.theme = theme;
    this.averages = averages;
    this.means.forEach((item, trace) => {
      const average = averages[trace];
      setText(item, average ? `mean ${formatAverage(...average)}` : "");
    });
    const level = this.plot.target ? [new Float64Array(columns[0]?.length ?? 0).fill(target ?? Number.NaN)] : [];
    this.swatches.forEach((item, trace) => {
      item.setAttribute("stroke", colour(theme, trace));
    });
    this.chart.setData([...columns, ...level] as uPlot.AlignedData, !this.zoomed);
    if (this.zoomed) this.chart.redraw(true, true);
    this.tellValues();
  }

  resize(width: number): void {
    if (width > 0) this.chart.setSize({ width, height: HEIGHT });
  }

  destroy(): void {
    this.chart.destroy();
  }

  private tellValues(): void {
    const at = this.chart.cursor.idx ?? (this.chart.data[0]?.length ?? 0) - 1;
    this.values.forEach((item, trace) => {
      setText(item, formatValue(this.chart.data[trace + 1]?.[at]));
    });
    this.root.setAttribute("aria-label", `${this.plot.label}, ${this.plot.unit}: ${this.values[0]?.textContent}`);
  }

  private options(names: string[], timeUnit: string): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: () => textColour(this.theme),
      grid: { stroke: () => gridColour(this.theme), width: 1 },
      ticks: { show: false },
      font: "11px system-ui, sans-serif",
    };
    return {
      width: 300,
      height: HEIGHT,
      legend: { show: false },
      padding: [8, 10, 0, 0],
      cursor: { y: false, points: { size: 5 }, drag: { x: true, y: false } },
      scales: { x: { time: false }, ...(this.plot.logarithmic ? { y: { distr: 3 } } : {}) },
      axes: [
        { ...axis, size: 26, space: 60, values: (_, ticks) => ticks.map((tick, n) => label(tick, n, ticks, timeUnit)) },
        { ...axis, size: 52, space: 28, values: (_, ticks) => ticks.map((tick) => formatValue(tick)) },
      ],
      series: [{}, ...names.map((_, trace) => this.style(trace))],
      hooks: {
        drawClear: [(chart) => this.drawBands(chart)],
        setCursor: [() => this.tellValues()],
        setSelect: [(chart) => this.zoom(chart.select.width > 0)],
      },
    };
  }

  private drawBands(chart: uPlot): void {
    const { left, top, width, height } = chart.bbox;
    this.averages.forEach((average, trace) => {
      if (!average || chart.scales.y?.min == null) return;
      const [mean, error] = average;
      const [high, low] = [mean + error, mean - error].map((value) =>
        Math.min(Math.max(chart.valToPos(value, "y", true), top), top + height),
      ) as [number, number];
      chart.ctx.save();
      chart.ctx.globalAlpha = BAND;
      chart.ctx.fillStyle = colour(this.theme, trace);
      chart.ctx.fillRect(left, high, width, Math.max(low - high, 1));
      chart.ctx.restore();
    });
  }

  /** A drag zooms in, a double click shows everything again; new data do not undo the zoom. */
  private zoom(selected: boolean): void {
    this.zoomed = selected;
    if (selected) this.chart.over.addEventListener("dblclick", () => this.zoom(false), { once: true });
  }

  private style(trace: number): uPlot.Series {
    return { stroke: () => colour(this.theme, trace), width: 1.5, dash: dash(trace), points: { show: false } };
  }
}

function empty(traces: number): uPlot.AlignedData {
  return [new Float64Array(), ...Array.from({ length: traces }, () => new Float64Array())];
}

/** The last tick carries the unit. */
function label(tick: number, position: number, ticks: number[], unit: string): string {
  return position === ticks.length - 1 ? `${formatValue(tick)} ${unit}` : formatValue(tick);
}

const SVG = "http://www.w3.org/2000/svg";

function swatch(trace: number): SVGLineElement {
  const made = document.createElementNS(SVG, "line");
  const attributes = {
    x1: "0",
    x2: "22",
    y1: "5",
    y2: "5",
    "stroke-width": "2",
    "stroke-dasharray": dash(trace).join(),
  };
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function line(sample: SVGLineElement | undefined): SVGSVGElement {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "swatch");
  made.setAttribute("aria-hidden", "true");
  if (sample) made.append(sample);
  return made;
}
