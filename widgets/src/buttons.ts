/** Pause or resume, accept, stop, checkpoint. A click is answered at once by the look of the button, later by the run. */

import { element, setText } from "./element";
import { type Action, hasEnded, type Progress, type Request, type Status } from "./run";

const LABELS = {
  pause: "Pause",
  resume: "Resume",
  accept: "Accept",
  stop: "Stop",
  checkpoint: "Checkpoint",
} as const;
const WAITING = {
  pause: "Pausing…",
  resume: "Resuming…",
  accept: "Finishing…",
  stop: "Stopping…",
  checkpoint: "Saving…",
} as const;

export class Buttons {
  readonly root: HTMLElement;
  private readonly pause = element("button", { type: "button", className: "pause" });
  private readonly accept = element("button", {
    type: "button",
    className: "accept",
    title: "Make do with what there is, and finish",
  });
  private readonly stop = element("button", { type: "button", className: "stop", title: "End here and keep the data" });
  private readonly save = element("button", { type: "button", className: "save" });
  private status: Status = "pending";
  private checkpointed: number | null = null;
  private acceptable = false;
  private asked = new Set<Action>();

  constructor(private readonly send: (request: Request) => void) {
    const buttons = [this.pause, this.accept, this.stop, this.save];
    this.root = element("div", { className: "buttons", role: "group", "aria-label": "run" }, ...buttons);
    this.pause.addEventListener("click", () => this.ask(this.status === "paused" ? "resume" : "pause"));
    this.accept.addEventListener("click", () => this.ask("accept"));
    this.stop.addEventListener("click", () => this.ask("stop"));
    this.save.addEventListener("click", () => this.ask("checkpoint"));
    this.show();
  }

  update({ status, checkpointed, acceptable = false }: Pick<Progress, "status" | "checkpointed" | "acceptable">): void {
    if (status === this.status && checkpointed === this.checkpointed && acceptable === this.acceptable) return;
    if (status !== this.status) for (const action of ["pause", "resume"] as const) this.asked.delete(action);
    // While a run rests nothing new can be saved: what it has is on disk.
    if (checkpointed !== this.checkpointed || status === "paused") this.asked.delete("checkpoint");
    [this.status, this.checkpointed, this.acceptable] = [status, checkpointed, acceptable];
    this.show();
  }

  private ask(what: Action): void {
    if (what !== "checkpoint" || this.status === "running") this.asked.add(what);
    this.send({ ask: what });
    this.show();
  }

  private show(): void {
    const ended = hasEnded(this.status);
    this.root.hidden = ended;
    this.label(this.pause, this.status === "paused" ? "resume" : "pause");
    this.label(this.accept, "accept");
    this.accept.hidden = !this.acceptable;
    this.label(this.stop, "stop");
    this.label(this.save, "checkpoint");
    this.save.hidden = this.checkpointed === null;
    this.save.title = `Save all that is needed to go on from here; last at ${this.checkpointed}`;
  }

  /** A disabled button would lose the keyboard focus; asking twice does no harm. */
  private label(button: HTMLElement, action: Action): void {
    const waiting = this.asked.has(action);
    setText(button, waiting ? WAITING[action] : LABELS[action]);
    button.setAttribute("aria-disabled", String(waiting || this.asked.has("stop")));
  }
}
