// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Request, RunState } from "../src/run";
import panel from "../src/run_panel";

/** What was drawn; a browser's canvas is not there to draw on. */
const drawn: { data: Float64Array[]; kept: boolean }[] = [];
vi.mock("uplot", () => ({
  default: class {
    root = document.createElement("div");
    over = document.createElement("div");
    cursor = { idx: null };
    data: Float64Array[] = [];
    setData(data: Float64Array[], rescale: boolean) {
      this.data = data;
      drawn.push({ data, kept: !rescale });
    }
    setSize() {}
    redraw() {}
    destroy() {}
  },
}));

const state = (): RunState => ({
  title: "md-1",
  about: "md · nvt-langevin",
  notice: "",
  heard: false,
  progress: {
    status: "running",
    message: "",
    done: 500,
    total: 2000,
    counts: "steps",
    rate: 1000,
    eta: 1.5,
    checkpointed: null,
    elapsed: 0.5,
  },
  sliders: [
    { name: "temperature", label: "temperature", unit: "K", low: 10, high: 2000, step: 10, doc: "Target temperature." },
  ],
  live: { temperature: 300 },
  plots: [{ label: "Temperature", unit: "K", traces: ["now"], target: "temperature", logarithmic: false }],
  time_unit: "ps",
  past: floats([0, 1, 290, 310]),
  recent: floats([2, 305]),
  averages: [null],
  clouds: [],
  points: floats([]),
});

function floats(values: number[]): DataView {
  return new DataView(Float32Array.from(values).buffer);
}

/** The model as anywidget gives it. */
class Model {
  readonly state = state();
  readonly sent: Request[] = [];
  readonly listeners = new Set<() => void>();
  get = <Key extends keyof RunState>(key: Key): RunState[Key] => this.state[key];
  send = (request: Request): void => void this.sent.push(request);
  on = (_: string, listener: () => void): void => void this.listeners.add(listener);
  off = (_: string, listener: () => void): void => void this.listeners.delete(listener);

  change(changes: Partial<RunState>): void {
    Object.assign(this.state, changes);
    for (const listener of this.listeners) listener();
  }

  requests(): Request[] {
    return this.sent.filter((request) => request.ask !== "hello");
  }
}

let [model, root] = [new Model(), document.createElement("div")];
let leave = () => {};

function mount(): void {
  type Properties = Parameters<typeof panel.render>[0];
  leave = panel.render({ model, el: root } as unknown as Properties);
  vi.advanceTimersByTime(50);
}

function find<Kind extends HTMLElement>(selector: string): Kind {
  const found = root.shadowRoot?.querySelector<Kind>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

function progress(changes: Partial<RunState["progress"]>): void {
  model.change({ progress: { ...model.state.progress, ...changes } });
  vi.advanceTimersByTime(50);
}

beforeEach(() => {
  vi.useFakeTimers();
  drawn.length = 0;
  [model, root] = [new Model(), document.createElement("div")];
  document.body.append(root);
  mount();
});

afterEach(() => {
  leave();
  root.remove();
  vi.useRealTimers();
});

test("the bar, the figures and the traces are shown", () => {
  expect(find(".status").textContent).toBe("running");
  expect(find(".bar").getAttribute("aria-valuenow")).toBe("500");
  expect(find(".line").textContent).toContain("25 %");
  expect(find(".figures").textContent).toBe("1\u2009000 steps/s · 1 s · 2 s left");
  expect(find(".panel").dataset.frames).toBe("3");
  expect([...(drawn.at(-1)?.data[1] ?? [])]).toEqual([290, 310, 305]);
  expect([...(drawn.at(-1)?.data[2] ?? [])]).toEqual([300, 300, 300]);
});

test("what counts by its mean is told with its error", () => {
  expect(find(".mean").textContent).toBe("");
  model.change({ averages: [[301.25, 2.5]] });
  vi.advanceTimersByTime(50);
  expect(find(".mean").textContent).toBe("mean 301.3 ± 2.5");
});

test("only what can be accepted has a button for that", () => {
  expect(find(".accept").hidden).toBe(true);
  progress({ acceptable: true });
  expect(find(".accept").hidden).toBe(false);
  find(".accept").click();
  expect(model.requests()).toEqual([{ ask: "accept" }]);
  expect(find(".accept").textContent).toBe("Finishing…");
});

test("many changes are one painting", () => {
  const before = drawn.length;
  for (let frame = 3; frame < 20; frame++) model.change({ recent: floats([frame, 300]) });
  expect(drawn.length).toBe(before);
  vi.advanceTimersByTime(50);
  expect(drawn.length).toBe(before + 1);
});

test("it greets until it is heard", () => {
  vi.advanceTimersByTime(1100);
  const greetings = model.sent.length;
  expect(greetings).toBeGreaterThan(2);
  model.change({ heard: true });
  vi.advanceTimersByTime(5000);
  expect(model.sent.length).toBeLessThanOrEqual(greetings + 1);
});

test("a checkpoint can be asked for where there is a store, and says when it is there", () => {
  const button = find<HTMLButtonElement>("button.save");
  expect(button.hidden).toBe(true);
  progress({ checkpointed: 0 });
  expect(button.hidden).toBe(false);
  button.click();
  expect(button.textContent).toBe("Saving…");
  expect(model.requests()).toEqual([{ ask: "checkpoint" }]);
  progress({ checkpointed: 120 });
  expect(button.textContent).toBe("Checkpoint");
  expect(button.title).toContain("120");
});

test("pause becomes resume, and the click is answered at once", () => {
  const button = find<HTMLButtonElement>("button.pause");
  button.click();
  expect(button.textContent).toBe("Pausing…");
  progress({ status: "paused" });
  expect(button.textContent).toBe("Resume");
  button.click();
  expect(model.requests()).toEqual([{ ask: "pause" }, { ask: "resume" }]);
});

test("stop asks once to end, and the buttons go when it has", () => {
  find<HTMLButtonElement>("button.stop").click();
  expect(find(".stop").textContent).toBe("Stopping…");
  expect(model.requests()).toEqual([{ ask: "stop" }]);
  progress({ status: "stopped" });
  expect(find(".buttons").hidden).toBe(true);
  expect(find<HTMLInputElement>("input[type=range]").disabled).toBe(true);
});

test("a slider that is dragged asks seldom, and asks for its last place", () => {
  const slider = find<HTMLInputElement>("input[type=range]");
  for (const value of ["400", "500", "600"]) {
    slider.value = value;
    slider.dispatchEvent(new Event("input"));
  }
  expect(model.requests()).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(model.requests()).toEqual([{ ask: "set", name: "temperature", value: 600 }]);
});

test("what the run refuses goes back", () => {
  const number = find<HTMLInputElement>("input[type=number]");
  number.value = "-5";
  number.dispatchEvent(new Event("change"));
  expect(model.requests()).toEqual([{ ask: "set", name: "temperature", value: -5 }]);
  model.change({});
  vi.advanceTimersByTime(2100);
  expect(number.value).toBe("300");
});

test("what the run said before it heard of a request does not move the slider back", () => {
  const slider = find<HTMLInputElement>("input[type=range]");
  slider.value = "400";
  slider.dispatchEvent(new Event("change"));
  model.change({ live: { temperature: 300 } });
  vi.advanceTimersByTime(50);
  expect(slider.value).toBe("400");
  model.change({ live: { temperature: 400 } });
  vi.advanceTimersByTime(50);
  model.change({ live: { temperature: 350 } });
  vi.advanceTimersByTime(50);
  expect(slider.value).toBe("350");
});

test("everything can be reached and named without a mouse", () => {
  const label = find<HTMLLabelElement>("label");
  expect(label.htmlFor).toBe(find("input[type=range]").id);
  expect(find("input[type=number]").getAttribute("aria-label")).toBe("temperature, K");
  expect(find(".status").getAttribute("role")).toBe("status");
  expect(root.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
});

test("a failure is told", () => {
  progress({ status: "failed", message: "atom 3 left" });
  expect(find(".message").textContent).toBe("atom 3 left");
  expect(find(".message").hidden).toBe(false);
});

test("after it is taken away it listens no more", () => {
  leave();
  expect(model.listeners.size).toBe(0);
});

test("clouds of points tell how far they are from the diagonal", () => {
  mount();
  model.change({ clouds: [{ label: "force", unit: "eV/Å", count: 2 }], points: floats([1, 2, 1.5, 1.5]) });
  vi.advanceTimersByTime(50);
  const cloud = root.shadowRoot?.querySelector(".plot[aria-label^='force']");
  expect(cloud?.getAttribute("aria-label")).toBe("force: RMS error 0.5 eV/Å");
  model.change({ points: floats([1, 2, 1, 2]) });
  vi.advanceTimersByTime(50);
  expect(cloud?.getAttribute("aria-label")).toBe("force: RMS error 0 eV/Å");
});

test("a monitor has a traffic light, and says the same in words", () => {
  expect(find(".light").hidden).toBe(true);
  for (const colour of ["green", "amber", "red"] as const) {
    progress({ light: { colour, label: "radius 0.12 of 0.3 eV/Å, atom 5 (Si)" } });
    expect(find(".light").hidden).toBe(false);
    expect(find(".lit").className).toBe(`lamp ${colour} lit`);
    expect(find(".light").textContent).toContain("radius 0.12 of 0.3 eV/Å, atom 5 (Si)");
  }
  expect(find(".meaning").textContent).toBe("beyond the threshold");
});
