import { expect, test } from "vitest";
import { Frames } from "../src/frames";
import { atomsOf, frameOf, type Request, type Told, type ToldFrame } from "../src/structure";

const told = (index: number, by = ""): Told => ({
  index,
  by,
  caption: `${index} ps`,
  scale: { label: "", unit: "", low: 0, high: 1 },
});

function frame(index: number, by = "", atoms = 1): ToldFrame {
  const none = new Float32Array();
  const positions = new Float32Array(3 * atoms);
  return { told: told(index, by), scale: told(0).scale, positions, cell: none, values: none, beads: none };
}

/** Bytes that begin at an odd place, as those of a message do. */
function view(values: number[]): DataView {
  const bytes = new Uint8Array(1 + 4 * values.length);
  bytes.set(new Uint8Array(Float32Array.from(values).buffer), 1);
  return new DataView(bytes.buffer, 1);
}

function started(count = 100) {
  const sent: number[][] = [];
  const frames = new Frames(count, (request: Request) => request.ask === "frames" && sent.push(request.numbers), "");
  return { frames, sent };
}

test("buffers become arrays, wherever their bytes begin", () => {
  const empty = view([]);
  const made = frameOf(told(3), { positions: view([1, 2, 3]), cell: empty, values: view([0.5]), beads: empty });
  expect([[...made.positions], [...made.cell], [...made.values]]).toEqual([[1, 2, 3], [], [0.5]]);
  const species = new DataView(Uint8Array.from([9, 1, 0]).buffer, 1);
  expect([...atomsOf({ species, elements: [], periodic: [] }).species]).toEqual([1, 0]);
});

test("a frame is asked for once, with a few that follow", () => {
  const { frames, sent } = started();
  expect(frames.get(10, 1, 0)).toBeUndefined();
  frames.get(10, 1, 100);
  expect(sent).toEqual([[10, 11, 12, 13, 14, 15, 16]]);
  expect(frames.add(frame(10))).toBe(true);
  expect(frames.get(10, 1, 200)?.told.index).toBe(10);
});

test("a frame that did not come is asked for again", () => {
  const { frames, sent } = started();
  frames.get(10, 1, 0);
  frames.get(10, 1, 4000);
  expect(sent.length).toBe(2);
});

test("playing backwards asks backwards, and round the end", () => {
  const { frames, sent } = started(5);
  frames.get(1, -1, 0);
  expect(sent).toEqual([[1, 0, 4, 3, 2]]);
});

test("frames in other colours are no longer of use", () => {
  const { frames } = started();
  frames.get(0, 1, 0);
  frames.colour("forces");
  expect(frames.add(frame(0))).toBe(false);
  expect(frames.add(frame(0, "forces"))).toBe(true);
});

test("a long trajectory does not fill the memory", () => {
  const { frames } = started(10_000);
  for (let index = 0; index < 1000; index++) frames.add(frame(index, "", 100_000));
  const kept = Array.from({ length: 1000 }, (_, index) => frames.get(index, 1, 0)).filter(Boolean).length;
  expect(kept).toBeLessThan(50);
  expect(kept).toBeGreaterThan(6);
});
