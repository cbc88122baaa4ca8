/** Small buttons over a structure: what is drawn, and how. */

import { element } from "./element";
import type { Colouring } from "./structure";

export interface Tool {
  label: string;
  title: string;
  key: string;
  /** Whether it is on; a tool without this only acts. */
  on?: () => boolean;
  act: () => void;
  /** Whether there is anything to use it on. */
  there?: () => boolean;
}

export class Toolbar {
  readonly root = element("div", { className: "tools", role: "toolbar", "aria-label": "view" });
  private readonly buttons: [Tool, HTMLElement][];

  constructor(
    private readonly tools: Tool[],
    colourings: Colouring[],
    colour: (by: string) => void,
    by: string,
  ) {
    this.buttons = tools.map((tool) => {
      const title = `${tool.title} (${tool.key})`;
      const button = element("button", { type: "button", title, "aria-label": tool.title }, tool.label);
      button.addEventListener("click", () => this.use(tool));
      return [tool, button];
    });
    if (colourings.length > 1) this.root.append(choice(colourings, colour, by));
    this.root.append(...this.buttons.map(([, button]) => button));
    this.tell();
  }

  /** What a key does; false where it does nothing. */
  press(key: string): boolean {
    const tool = this.tools.find((one) => one.key === key && (one.there?.() ?? true));
    if (tool) this.use(tool);
    return tool !== undefined;
  }

  private use(tool: Tool): void {
    tool.act();
    this.tell();
  }

  /** What is on, and what there is. */
  tell(): void {
    for (const [tool, button] of this.buttons) {
      if (tool.on) button.setAttribute("aria-pressed", String(tool.on()));
      button.hidden = !(tool.there?.() ?? true);
    }
  }
}

function choice(colourings: Colouring[], colour: (by: string) => void, by: string): HTMLElement {
  const options = colourings.map(({ name, label }) => element("option", { value: name, selected: name === by }, label));
  const select = element("select", { "aria-label": "colour by", title: "Colour by" }, ...options);
  select.addEventListener("change", () => colour(select.value));
  return select;
}
