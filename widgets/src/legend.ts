/** What the colours mean: the elements, or the ends of a scale. */

import { element } from "./element";
import { formatValue } from "./format";
import { gradient, type Scale } from "./scene/colours";
import type { Element } from "./scene/frame";

export class Legend {
  readonly root = element("div", { className: "key" });
  private told = "";

  update(elements: Element[], scale: Scale | null): void {
    const told = JSON.stringify([elements, scale]);
    if (told === this.told) return;
    this.told = told;
    this.root.replaceChildren(...(scale ? bar(scale) : elements.map(dot)));
    this.root.classList.toggle("scale", scale !== null);
  }
}

function dot({ symbol, colour }: Element): HTMLElement {
  const swatch = element("span", { className: "dot" });
  swatch.style.background = colour;
  return element("span", { className: "entry" }, swatch, symbol);
}

function bar({ label, unit, low, high }: Scale): HTMLElement[] {
  const colours = element("span", { className: "colours" });
  colours.style.background = gradient();
  const name = element("span", { className: "name" }, unit && unit !== "1" ? `${label} (${unit})` : label);
  const ends = [low, (low + high) / 2, high].map((value) => element("span", {}, formatValue(value, 2)));
  return [name, colours, element("span", { className: "ends" }, ...ends)];
}
