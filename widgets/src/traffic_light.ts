/** How sure a monitor is: three lamps of which one is lit, and the same in words. */

import { element, setText } from "./element";
import type { Light } from "./run";

const LAMPS = ["green", "amber", "red"] as const;
const MEANING = { green: "trusted", amber: "close to the threshold", red: "beyond the threshold" } as const;

export class TrafficLight {
  readonly root: HTMLElement;
  private readonly lamps = LAMPS.map((colour) => element("span", { className: `lamp ${colour}`, "aria-hidden": true }));
  private readonly meaning = element("strong", { className: "meaning", role: "status" });
  private readonly label = element("span", { className: "label" });

  constructor() {
    this.root = element("div", { className: "light", hidden: true }, ...this.lamps, this.meaning, this.label);
  }

  update(light: Light | null): void {
    this.root.hidden = light === null;
    if (light === null) return;
    this.root.dataset.colour = light.colour;
    LAMPS.forEach((colour, place) => {
      this.lamps[place]?.classList.toggle("lit", colour === light.colour);
    });
    setText(this.meaning, MEANING[light.colour]);
    setText(this.label, light.label);
  }
}
