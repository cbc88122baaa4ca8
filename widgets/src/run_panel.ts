/** The live panel of a run: progress, traces, buttons, sliders. Its Python half is `panels/run_panel.py`. */

import type { AnyModel, RenderProps } from "@anywidget/types";
import plotStyle from "uplot/dist/uPlot.min.css";
import { Buttons } from "./buttons";
import { Cloud } from "./cloud";
import { Diagram } from "./diagram";
import { element, setText } from "./element";
import { ProgressBar } from "./progress";
import { hasEnded, type Request, type RunState } from "./run";
import panelStyle from "./run_panel.css";
import { decode, joinColumns } from "./series";
import { Sliders } from "./sliders";
import { themeOf, watchTheme } from "./theme";

/** Milliseconds between two greetings, and how many there are at most. */
const GREETING = 500;
const GREETINGS = 40;

class RunPanel {
  private readonly root: HTMLElement;
  private readonly progress: ProgressBar;
  private readonly buttons: Buttons;
  private readonly sliders: Sliders;
  private readonly notice = element("p", { className: "notice", role: "note" });
  private readonly plots = element("div", { className: "plots" });
  private diagrams: Diagram[] = [];
  private clouds: Cloud[] = [];
  private drawn = "";
  private frame = 0;

  constructor(
    private readonly model: AnyModel<RunState>,
    shadow: ShadowRoot,
  ) {
    const send = (request: Request) => model.send(request);
    this.progress = new ProgressBar(model.get("title"), model.get("about"));
    this.buttons = new Buttons(send);
    this.sliders = new Sliders(model.get("sliders"), send);
    const controls = element("div", { className: "controls" }, this.buttons.root, this.sliders.root);
    this.root = element("div", { className: "panel" }, this.progress.root, controls, this.notice, this.plots);
    shadow.replaceChildren(element("style", {}, plotStyle + panelStyle), this.root);
  }

  /** Paint before the next frame, however many changes come until then. */
  readonly refresh = (): void => {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  };

  readonly resize = (): void => {
    for (const diagram of this.diagrams) diagram.resize(diagram.root.clientWidth);
    this.refresh();
  };

  get element(): HTMLElement {
    return this.root;
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    for (const diagram of this.diagrams) diagram.destroy();
  }

  private paint(): void {
    const [progress, live] = [this.model.get("progress"), this.model.get("live")];
    this.progress.update(progress);
    this.buttons.update(progress);
    this.sliders.update(live, progress.status);
    setText(this.notice, this.model.get("notice"));
    this.notice.hidden = !this.model.get("notice");
    this.paintPlots(live);
    this.paintClouds();
  }

  private paintPlots(live: Record<string, number>): void {
    const plots = this.model.get("plots");
    this.makeDiagrams();
    const theme = themeOf(this.root);
    const rows = 1 + plots.reduce((sum, plot) => sum + plot.traces.length, 0);
    const columns = joinColumns(this.model.get("past"), this.model.get("recent"), rows);
    const time = columns[0] ?? new Float64Array();
    this.root.dataset.frames = String(time.length);
    let row = 1;
    plots.forEach((plot, index) => {
      const traces = columns.slice(row, row + plot.traces.length);
      const averages = this.model.get("averages").slice(row - 1, row - 1 + plot.traces.length);
      this.diagrams[index]?.update([time, ...traces], plot.target ? live[plot.target] : undefined, theme, averages);
      row += plot.traces.length;
    });
  }

  private paintClouds(): void {
    const [points, theme] = [decode(this.model.get("points")), themeOf(this.root)];
    let start = 0;
    this.model.get("clouds").forEach(({ count }, index) => {
      this.clouds[index]?.update(points.subarray(start, start + 2 * count), theme);
      start += 2 * count;
    });
  }

  /** Which plots there are is known with the first frame. */
  private makeDiagrams(): void {
    const wanted = JSON.stringify([this.model.get("plots"), this.model.get("clouds")]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    for (const diagram of this.diagrams) diagram.destroy();
    this.diagrams = this.model.get("plots").map((plot) => new Diagram(plot, this.model.get("time_unit")));
    this.clouds = this.model.get("clouds").map((cloud) => new Cloud(cloud));
    this.plots.replaceChildren(...[...this.diagrams, ...this.clouds].map((shown) => shown.root));
    this.resize();
  }
}

function render({ model, el }: RenderProps<RunState>): () => void {
  // Arrow keys and blanks belong to the sliders and buttons, not to the notebook.
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  const panel = new RunPanel(model, el.shadowRoot ?? el.attachShadow({ mode: "open" }));
  const observer = new ResizeObserver(panel.resize);
  observer.observe(panel.element);
  const unwatch = watchTheme(panel.refresh);
  model.on("change", panel.refresh);
  panel.refresh();
  const hush = greet(model, panel.element);
  return () => {
    hush();
    model.off("change", panel.refresh);
    observer.disconnect();
    unwatch();
    panel.destroy();
  };
}

/**
 * Say hello until we are heard: what is sent before the front end has a subshell for us waits until the cell ends.
 * Returns the function that ends it.
 */
function greet(model: AnyModel<RunState>, element: HTMLElement): () => void {
  let left = GREETINGS;
  const hello = () => {
    if (left-- > 0) model.send({ ask: "hello", dark: themeOf(element) === "dark" } satisfies Request);
    if (left <= 0 || model.get("heard") || hasEnded(model.get("progress").status)) clearInterval(timer);
  };
  const timer = setInterval(hello, GREETING);
  hello();
  return () => clearInterval(timer);
}

export default { render };
