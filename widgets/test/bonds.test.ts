import { expect, test } from "vitest";
import { findBonds, TOLERANCE } from "../src/scene/bonds";
import { combine, type Matrix, rows } from "../src/scene/vectors";

/** Numbers between 0 and 1, the same every time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

type Bond = [number, number, number];

/** Every bond by looking at all pairs and many images: both atoms and its length. */
function bruteForce(positions: Float32Array, radii: Float32Array, cell: Matrix, periodic: boolean[]): Bond[] {
  const reach = periodic.map((one) => (one ? 3 : 0)) as [number, number, number];
  const found: Bond[] = [];
  for (let i = 0; i < radii.length; i++)
    for (let j = i; j < radii.length; j++)
      for (let a = -reach[0]; a <= reach[0]; a++)
        for (let b = -reach[1]; b <= reach[1]; b++)
          for (let c = -reach[2]; c <= reach[2]; c++) {
            // Of an atom's own images one of two opposite ones.
            if (i === j && (a || b || c) <= 0) continue;
            const shift = combine([a, b, c], cell);
            const way = [0, 1, 2].map((k) => at(positions, 3 * j + k) + (shift[k] ?? 0) - at(positions, 3 * i + k));
            const distance = Math.hypot(...way);
            if (distance <= TOLERANCE * (at(radii, i) + at(radii, j))) found.push([i, j, distance]);
          }
  return found;
}

const at = (array: Float32Array | Uint32Array, index: number): number => array[index] ?? Number.NaN;

/** Bonds as they are drawn: whole sticks, and pairs of half sticks. */
function drawn(positions: Float32Array, radii: Float32Array, cell: Float32Array, periodic: boolean[]): Bond[] {
  const { ends, atoms, count } = findBonds({ positions, radii, cell, periodic });
  const length = (stick: number) =>
    Math.hypot(...[0, 1, 2].map((k) => at(ends, 6 * stick + 3 + k) - at(ends, 6 * stick + k)));
  const bonds: Bond[] = [];
  for (let stick = 0; stick < count; stick++) {
    const [i, j] = [at(atoms, 2 * stick), at(atoms, 2 * stick + 1)];
    if (i !== j) bonds.push([Math.min(i, j), Math.max(i, j), length(stick)]);
    else {
      const other = at(atoms, 2 * ++stick);
      bonds.push([Math.min(i, other), Math.max(i, other), 2 * length(stick)]);
    }
  }
  return bonds;
}

const sorted = (bonds: Bond[]): string[] => bonds.map(([i, j, d]) => `${i}-${j} ${d.toFixed(3)}`).sort();

const isSmall = (cell: number[]): boolean => (cell[0] ?? 0) < 3;

const CELLS = {
  cube: [9, 0, 0, 0, 9, 0, 0, 0, 9],
  slanted: [8, 0, 0, 3, 7, 0, -2, 4, 9],
  "smaller than a bond": [2, 0, 0, 0.9, 2.1, 0, 0, 0, 12],
  flat: [12, 0, 0, 0, 12, 0, 0, 0, 1.5],
};

test.each(
  Object.entries(CELLS).flatMap(([name, cell]) =>
    [
      [true, true, true],
      [true, true, false],
      [false, false, true],
      [false, false, false],
    ].map((periodic) => ({ name, cell, periodic })),
  ),
)("bonds in a cell ($name, $periodic) are those of all pairs and images", ({ cell, periodic }) => {
  const next = random(7);
  const atoms = isSmall(cell) ? 4 : 40;
  const vectors = rows(cell);
  const places = Float32Array.from(
    Array.from({ length: atoms }, () => combine([next(), next(), next()], vectors)).flat(),
  );
  const radii = Float32Array.from({ length: atoms }, () => 0.4 + 0.7 * next());
  const expected = bruteForce(places, radii, vectors, periodic);
  expect(expected.length).toBeGreaterThan(0);
  expect(sorted(drawn(places, radii, Float32Array.from(cell), periodic))).toEqual(sorted(expected));
});

test("without a cell there are bonds of atoms in a plane", () => {
  const positions = Float32Array.from([0, 0, 0, 1.4, 0, 0, 100, 0, 0]);
  const bonds = drawn(positions, new Float32Array(3).fill(0.7), new Float32Array(), [false, false, false]);
  expect(sorted(bonds)).toEqual(["0-1 1.400"]);
});

test("no stick goes through the cell", () => {
  const positions = Float32Array.from([0.2, 5, 5, 9.8, 5, 5]);
  const crystal = { radii: new Float32Array(2).fill(0.7), cell: Float32Array.from([10, 0, 0, 0, 10, 0, 0, 0, 10]) };
  const { ends, count } = findBonds({ positions, periodic: [true, true, true], ...crystal });
  expect(count).toBe(2);
  const sticks = [0, 6].map((from) => [...ends.subarray(from, from + 6)].map((x) => Number(x.toFixed(4))).join(" "));
  expect(sticks.sort()).toEqual(["0.2 5 5 0 5 5", "9.8 5 5 10 5 5"]);
});
