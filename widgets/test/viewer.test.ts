// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Request, StructureState } from "../src/structure";
import makeViewer from "../src/viewer";

const bytes = (...values: number[]): DataView => new DataView(Float32Array.from(values).buffer);
const scale = { label: "force", unit: "eV/Å", low: 0, high: 2 };

const state = (): StructureState => ({
  title: "OH2",
  species: new DataView(Uint8Array.from([0, 1]).buffer),
  elements: [
    { symbol: "H", colour: "#ffffff", radius: 0.31 },
    { symbol: "O", colour: "#ff0000", radius: 0.66 },
  ],
  periodic: [false, false, false],
  orientation: bytes(1, 0, 0, 0, 1, 0, 0, 0, 1),
  height: 300,
  repeat: [1, 1, 1],
  bonds: true,
  colourings: [
    { name: "", label: "element" },
    { name: "forces", label: "force" },
  ],
  count: 3,
  live: false,
  number: 0,
  frame: { index: 0, caption: "0.000 ps", by: "", scale },
  positions: bytes(0, 0, 0, 1, 0, 0),
  cell: bytes(),
  values: bytes(),
  beads: bytes(),
});

class Model {
  readonly state = state();
  readonly sent: Request[] = [];
  readonly listeners = new Map<string, (...all: unknown[]) => void>();
  get = <Key extends keyof StructureState>(key: Key): StructureState[Key] => this.state[key];
  send = (request: Request): void => void this.sent.push(request);
  on = (name: string, listener: () => void): void => void this.listeners.set(name, listener);
  off = (name: string): void => void this.listeners.delete(name);

  /** A run has made a frame. */
  push(index: number): void {
    const frame = { index, by: "", caption: `${index}.000 ps`, scale };
    Object.assign(this.state, { frame, count: index + 1, number: this.state.number + 1 });
    this.listeners.get("change:number")?.();
  }

  answer(index: number, by = "", values = bytes()): void {
    const told = { index, by, caption: `${index}.000 ps`, scale };
    this.listeners.get("msg:custom")?.({ told }, [bytes(index, 0, 0, 1, 0, 0), bytes(), values]);
  }
}

let [model, root] = [new Model(), document.createElement("div")];
let leave = () => {};

function find<Kind extends HTMLElement>(selector: string): Kind {
  const found = root.shadowRoot?.querySelector<Kind>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

beforeEach(() => {
  vi.useFakeTimers();
  // A browser without WebGL2 shows the note instead; the rest is tested in a real one.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  [model, root] = [new Model(), document.createElement("div")];
  document.body.append(root);
  leave = makeViewer().render({ model, el: root } as unknown as Parameters<ReturnType<typeof makeViewer>["render"]>[0]);
});

afterEach(() => {
  leave();
  root.remove();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("where there is no WebGL2 a line says so", () => {
  expect(find("[role=note]").textContent).toContain("no WebGL2");
});

test("the player asks for a frame and shows it when it comes", () => {
  find<HTMLButtonElement>("button[aria-label='one frame on']").click();
  expect(model.sent).toEqual([{ ask: "frames", numbers: [1, 2], by: "" }]);
  expect(find("output").textContent).toBe("0.000 ps · 1 / 3");
  model.answer(1);
  expect(find("output").textContent).toBe("1.000 ps · 2 / 3");
});

test("keys step through the frames", () => {
  const press = (key: string) => find("input").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  press(".");
  model.answer(1);
  expect(find("output").textContent).toBe("1.000 ps · 2 / 3");
  press(",");
  expect(find("output").textContent).toBe("0.000 ps · 1 / 3");
});

test("playing goes round, and never ahead of what has come", () => {
  find<HTMLButtonElement>("button.play").click();
  vi.advanceTimersByTime(500);
  expect(find("output").textContent).toBe("0.000 ps · 1 / 3");
  model.answer(1);
  model.answer(2);
  vi.advanceTimersByTime(60);
  expect(find("output").textContent).toBe("2.000 ps · 3 / 3");
  vi.advanceTimersByTime(50);
  expect(find("output").textContent).toBe("0.000 ps · 1 / 3");
  find<HTMLButtonElement>("button.play").click();
  vi.advanceTimersByTime(500);
  expect(find("output").textContent).toBe("0.000 ps · 1 / 3");
});

test("the slider chooses a frame, and is told to those who do not see it", () => {
  const slider = find<HTMLInputElement>("input[type=range]");
  slider.value = "2";
  slider.dispatchEvent(new Event("input"));
  model.answer(2);
  expect(slider.getAttribute("aria-valuetext")).toBe("2.000 ps");
});

test("what comes in other colours than those that are wanted is not shown", () => {
  find<HTMLButtonElement>("button[aria-label='one frame on']").click();
  model.answer(1, "forces", bytes(0, 1));
  expect(find("output").textContent).toBe("0.000 ps · 1 / 3");
});

test("a message that makes no sense changes nothing", () => {
  const receive = model.listeners.get("msg:custom");
  for (const message of [undefined, null, 3, "told", {}, { told: {} }]) receive?.(message, []);
  expect(find("output").textContent).toBe("0.000 ps · 1 / 3");
});

test("after it is taken away it listens no more", () => {
  leave();
  expect(model.listeners.size).toBe(0);
});

describe("while a run goes on", () => {
  beforeEach(() => {
    leave();
    model.state.live = true;
    model.sent.length = 0;
    leave = makeViewer().render({ model, el: root } as unknown as Parameters<
      ReturnType<typeof makeViewer>["render"]
    >[0]);
  });
  const live = () => find<HTMLButtonElement>("button.newest");
  const caption = () => find("output").textContent;

  test("the newest frame is shown as it comes", () => {
    model.push(3);
    model.push(4);
    expect(caption()).toBe("4.000 ps · 5 / 5");
    expect(live().getAttribute("aria-pressed")).toBe("true");
  });

  test("a former frame stays until the newest is wanted again, and the run hears that it need not wait", () => {
    model.push(3);
    find<HTMLButtonElement>("button[aria-label='one frame back']").click();
    model.answer(2);
    model.sent.length = 0;
    model.push(4);
    expect(caption()).toBe("2.000 ps · 3 / 5");
    expect(find<HTMLInputElement>("input[type=range]").max).toBe("4");
    expect(model.sent).toEqual([{ ask: "painted", number: 2 }]);
    live().click();
    expect(caption()).toBe("4.000 ps · 5 / 5");
  });

  test("playing from the beginning ends at the newest", () => {
    model.push(2);
    find<HTMLButtonElement>("button.play").click();
    for (const index of [0, 1, 2]) {
      model.answer(index);
      vi.advanceTimersByTime(60);
    }
    vi.advanceTimersByTime(200);
    expect(live().getAttribute("aria-pressed")).toBe("true");
    expect(find("button.play").getAttribute("aria-label")).toBe("play");
  });

  test("when it has ended there is no newest frame", () => {
    model.state.live = false;
    model.listeners.get("change:live")?.();
    expect(live().hidden).toBe(true);
  });
});
