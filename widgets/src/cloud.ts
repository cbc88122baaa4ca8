/** Points that would lie on the diagonal if all were well: what is said against what is true. */

import { element, setText } from "./element";
import { formatValue } from "./format";
import type { Cloud as Described } from "./run";
import { colour, gridColour, type Theme, textColour } from "./theme";

const HEIGHT = 150;
/** Pixels around the square, and the radius of a point. */
const MARGIN = 4;
const RADIUS = 1.2;

export class Cloud {
  readonly root: HTMLElement;
  private readonly canvas = element("canvas", { className: "cloud" });
  private readonly value = element("span", { className: "value" });

  constructor(private readonly cloud: Described) {
    const entry = element("span", { className: "entry" }, "RMS error", this.value);
    const caption = element("div", { className: "legend" }, `${cloud.label}, predicted / label, ${cloud.unit}`, entry);
    this.root = element("div", { className: "plot", role: "img", "aria-label": cloud.label }, caption, this.canvas);
  }

  /** Draw the points, those across first. */
  update(points: Float32Array, theme: Theme): void {
    const [across, up] = [points.subarray(0, this.cloud.count), points.subarray(this.cloud.count)];
    const error = rootMeanSquare(across, up);
    setText(this.value, formatValue(error));
    this.root.setAttribute("aria-label", `${this.cloud.label}: RMS error ${formatValue(error)} ${this.cloud.unit}`);
    this.draw(across, up, theme);
  }

  private draw(across: Float32Array, up: Float32Array, theme: Theme): void {
    const width = this.root.clientWidth || 2 * HEIGHT;
    const scale = devicePixelRatio || 1;
    Object.assign(this.canvas, { width: width * scale, height: HEIGHT * scale });
    const pen = this.canvas.getContext("2d");
    if (!pen || !across.length) return;
    pen.scale(scale, scale);
    const [low, high] = ends(across, up);
    const at = (value: number, length: number) => MARGIN + ((value - low) / (high - low || 1)) * (length - 2 * MARGIN);
    pen.strokeStyle = gridColour(theme);
    pen.strokeRect(0.5, 0.5, width - 1, HEIGHT - 1);
    pen.beginPath();
    pen.moveTo(at(low, width), HEIGHT - at(low, HEIGHT));
    pen.lineTo(at(high, width), HEIGHT - at(high, HEIGHT));
    pen.strokeStyle = textColour(theme);
    pen.stroke();
    pen.fillStyle = textColour(theme);
    pen.font = "11px system-ui, sans-serif";
    pen.fillText(formatValue(high), 6, 14);
    pen.fillText(formatValue(low), 6, HEIGHT - 6);
    pen.fillStyle = colour(theme, 0);
    across.forEach((value, index) => {
      pen.fillRect(at(value, width) - RADIUS, HEIGHT - at(up[index] ?? 0, HEIGHT) - RADIUS, 2 * RADIUS, 2 * RADIUS);
    });
  }
}

function rootMeanSquare(across: Float32Array, up: Float32Array): number {
  const sum = across.reduce((total, value, index) => total + (value - (up[index] ?? 0)) ** 2, 0);
  return Math.sqrt(sum / across.length);
}

function ends(across: Float32Array, up: Float32Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of [across, up]) {
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return [low, high];
}
