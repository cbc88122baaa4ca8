/** Pause or resume, and stop. A click is answered at once by the look of the button, later by the run. */

import { element, setText } from "./element";
import { hasEnded, type Request, type Status } from "./run";

const LABELS = { pause: "Pause", resume: "Resume", stop: "Stop" } as const;
const WAITING = { pause: "Pausing…", resume: "Resuming…", stop: "Stopping…" } as const;

export class Buttons {
  readonly root: HTMLElement;
  private readonly pause = element("button", { type: "button", className: "pause" });
  private readonly stop = element("button", { type: "button", className: "stop", title: "End here and keep the data" });
  private status: Status = "pending";
  private asked: "pause" | "resume" | "stop" | null = null;

  constructor(private readonly send: (request: Request) => void) {
    this.root = element("div", { className: "buttons", role: "group", "aria-label": "run" }, this.pause, this.stop);
    this.pause.addEventListener("click", () => this.ask(this.status === "paused" ? "resume" : "pause"));
    this.stop.addEventListener("click", () => this.ask("stop"));
    this.show();
  }

  update(status: Status): void {
    if (status === this.status) return;
    this.status = status;
    if (this.asked !== "stop") this.asked = null;
    this.show();
  }

  private ask(what: "pause" | "resume" | "stop"): void {
    this.asked = what;
    this.send({ ask: what });
    this.show();
  }

  private show(): void {
    const ended = hasEnded(this.status);
    const action = this.status === "paused" ? "resume" : "pause";
    this.root.hidden = ended;
    setText(this.pause, this.asked === action ? WAITING[action] : LABELS[action]);
    setText(this.stop, this.asked === "stop" ? WAITING.stop : LABELS.stop);
    // A disabled button would lose the keyboard focus; asking twice does no harm.
    this.pause.setAttribute("aria-disabled", String(ended || this.asked !== null));
    this.stop.setAttribute("aria-disabled", String(ended || this.asked === "stop"));
  }
}
