/** How far the run is: status, bar, and figures. */

import { element, setText } from "./element";
import { formatCount, formatDuration, formatValue } from "./format";
import { hasEnded, type Progress } from "./run";
import { TrafficLight } from "./traffic_light";

export class ProgressBar {
  readonly root: HTMLElement;
  private readonly status = element("span", { className: "status", role: "status" });
  private readonly fill = element("div", { className: "fill" });
  private readonly bar = element(
    "div",
    { className: "bar", role: "progressbar", "aria-label": "done", "aria-valuemin": 0 },
    this.fill,
  );
  private readonly count = element("span");
  private readonly figures = element("span", { className: "figures" });
  private readonly light = new TrafficLight();
  private readonly message = element("p", { className: "message" });

  constructor(title: string, about: string) {
    const head = element(
      "div",
      { className: "head" },
      element("strong", {}, title),
      element("span", { className: "about", title: about }, about),
      this.status,
    );
    const figures = element("div", { className: "line" }, this.count, this.figures);
    this.root = element("div", { className: "progress" }, head, this.bar, figures, this.light.root, this.message);
  }

  update(progress: Progress): void {
    const share = progress.total ? progress.done / progress.total : 0;
    this.root.dataset.status = progress.status;
    this.bar.classList.toggle("waiting", isPreparing(progress));
    this.bar.setAttribute("aria-valuemax", String(progress.total));
    this.bar.setAttribute("aria-valuenow", String(progress.done));
    this.fill.style.width = `${100 * share}%`;
    setText(this.status, isPreparing(progress) ? "preparing" : progress.status);
    const done = `${formatCount(progress.done)} / ${formatCount(progress.total)}`;
    setText(this.count, `${done} ${progress.counts} · ${percent(share)}`);
    setText(this.figures, describe(progress));
    this.light.update(progress.light ?? null);
    setText(this.message, progress.message);
    this.message.hidden = !progress.message;
  }
}

/** Until the first chunk is done the program is being compiled, and nothing can be said about its speed. */
function isPreparing(progress: Progress): boolean {
  return progress.status === "pending" || (progress.status === "running" && progress.rate === 0);
}

/** Never 100 % before the last step. */
function percent(share: number): string {
  return `${Math.floor(100 * share)} %`;
}

function describe(progress: Progress): string {
  const elapsed = formatDuration(progress.elapsed);
  const rate = `${formatValue(progress.rate)} ${progress.counts}/s`;
  if (hasEnded(progress.status)) return progress.rate ? `${rate} · ${elapsed}` : elapsed;
  const left = progress.eta === null ? "" : ` · ${formatDuration(progress.eta)} left`;
  return progress.rate ? `${rate} · ${elapsed}${left}` : elapsed;
}
