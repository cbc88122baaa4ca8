import { expect, test } from "vitest";
import { Camera } from "../src/scene/camera";
import { apply, dot, IDENTITY, length, rotation, type Vector } from "../src/scene/vectors";

const CORNERS: Vector[] = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [10 * (n & 1), 4 * ((n >> 1) & 1), 6 * (n >> 2)]);

function placed(perspective = true, aspect = 1.5): Camera {
  const camera = new Camera();
  camera.perspective = perspective;
  camera.fit(CORNERS, 1, rotation([0.6, 0, 0.8], 0.7), aspect);
  return camera;
}

/** Where the graphics card puts a point, as shares of width and height. */
function onCard(camera: Camera, point: Vector, aspect: number): [number, number, number] {
  const { view, projection } = camera.matrices(aspect, 20);
  const times = (matrix: Float32Array, v: number[]) =>
    [0, 1, 2, 3].map((row) => v.reduce((sum, x, column) => sum + (matrix[4 * column + row] ?? 0) * x, 0));
  const [x = 0, y = 0, z = 0, w = 1] = times(projection, times(view, [...point, 1]));
  return [0.5 + x / w / 2, 0.5 - y / w / 2, z / w];
}

test.each([true, false])("the matrices put points where project says (perspective: %s)", (perspective) => {
  for (const aspect of [0.5, 1, 2]) {
    const camera = placed(perspective, aspect);
    for (const point of CORNERS) {
      const [x, y] = camera.project(point, aspect);
      const [u, v] = onCard(camera, point, aspect);
      expect(u).toBeCloseTo(x, 4);
      expect(v).toBeCloseTo(y, 4);
    }
  }
});

test.each([true, false])("all of it is seen, and fills the picture (perspective: %s)", (perspective) => {
  for (const aspect of [0.5, 1, 2]) {
    const camera = placed(perspective, aspect);
    const seen = CORNERS.map((point) => camera.project(point, aspect));
    const beside = seen.flat().map((share) => Math.abs(share - 0.5));
    expect(Math.max(...beside)).toBeLessThan(0.5);
    expect(Math.max(...beside)).toBeGreaterThan(0.35);
  }
});

test.each([true, false])("what is nearer has less depth (perspective: %s)", (perspective) => {
  const camera = placed(perspective);
  const towards = camera.rotation[2];
  const depth = (way: number) =>
    onCard(camera, [0, 1, 2].map((k) => (camera.target[k] ?? 0) + way * (towards[k] ?? 0)) as Vector, 1)[2];
  expect(depth(3)).toBeLessThan(depth(0));
  expect(depth(0)).toBeLessThan(depth(-3));
  expect(Math.abs(depth(3))).toBeLessThan(1);
});

test("a thousand turns are still a rotation", () => {
  const camera = placed();
  for (let n = 0; n < 1000; n++) camera.turn(0.013, -0.007);
  const [x, y, z] = camera.rotation;
  for (const row of [x, y, z]) expect(length(row)).toBeCloseTo(1, 10);
  expect(dot(x, y)).toBeCloseTo(0, 10);
  expect(dot(y, z)).toBeCloseTo(0, 10);
});

test("dragging to the right moves what is in front to the right", () => {
  const camera = placed();
  const front: Vector = [0, 1, 2].map((k) => (camera.target[k] ?? 0) + 2 * (camera.rotation[2][k] ?? 0)) as Vector;
  const before = camera.project(front, 1);
  camera.turn(0.05, 0);
  expect(camera.project(front, 1)[0]).toBeGreaterThan(before[0]);
  camera.turn(-0.05, 0.05);
  expect(camera.project(front, 1)[1]).toBeGreaterThan(before[1]);
});

test("moving follows the mouse exactly", () => {
  const camera = placed();
  const target: Vector = [...camera.target];
  camera.pan(0.25, 0.1);
  const [x, y] = camera.project(target, 1);
  expect(x).toBeCloseTo(0.75, 6);
  expect(y).toBeCloseTo(0.6, 6);
});

test("zooming ends somewhere", () => {
  const camera = placed();
  for (let n = 0; n < 200; n++) camera.zoom(1.5);
  const nearest = camera.extent;
  camera.zoom(1.5);
  expect(camera.extent).toBe(nearest);
  for (let n = 0; n < 400; n++) camera.zoom(1 / 1.5);
  expect(camera.extent).toBeLessThan(1000);
  expect(camera.moved).toBe(true);
});

test("a rotation turns to the left about its axis", () => {
  expect(apply(rotation([0, 0, 1], Math.PI / 2), [1, 0, 0]).map((x) => Math.round(x))).toEqual([0, 1, 0]);
  expect(apply(IDENTITY, [1, 2, 3])).toEqual([1, 2, 3]);
});
