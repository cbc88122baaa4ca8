/** Three numbers, and nine of them as rows of a matrix. */

export type Vector = [number, number, number];
export type Matrix = [Vector, Vector, Vector];

export const IDENTITY: Matrix = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

export const add = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const subtract = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
export const scale = (a: Vector, factor: number): Vector => [a[0] * factor, a[1] * factor, a[2] * factor];
export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const length = (a: Vector): number => Math.hypot(a[0], a[1], a[2]);
export const normalize = (a: Vector): Vector => scale(a, 1 / (length(a) || 1));

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** Matrix times column. */
export function apply(matrix: Matrix, vector: Vector): Vector {
  return [dot(matrix[0], vector), dot(matrix[1], vector), dot(matrix[2], vector)];
}

/** Row times matrix: of fractions and lattice vectors, a place. */
export function combine(factors: Vector, rows: Matrix): Vector {
  return add(add(scale(rows[0], factors[0]), scale(rows[1], factors[1])), scale(rows[2], factors[2]));
}

export function multiply(a: Matrix, b: Matrix): Matrix {
  return [combine(a[0], b), combine(a[1], b), combine(a[2], b)];
}

/** The rotation by an angle about a unit vector, radians. */
export function rotation(axis: Vector, angle: number): Matrix {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const turned = (v: Vector): Vector =>
    add(add(scale(v, c), scale(cross(axis, v), s)), scale(axis, dot(axis, v) * (1 - c)));
  const [x, y, z] = [turned([1, 0, 0]), turned([0, 1, 0]), turned([0, 0, 1])];
  return [
    [x[0], y[0], z[0]],
    [x[1], y[1], z[1]],
    [x[2], y[2], z[2]],
  ];
}

/** The rotation nearby: what many small turns lose is restored. */
export function orthonormal([first, second]: Matrix): Matrix {
  const x = normalize(first);
  const y = normalize(subtract(second, scale(x, dot(x, second))));
  return [x, y, cross(x, y)];
}

/** Nine numbers as three rows. */
export function rows(numbers: ArrayLike<number>): Matrix {
  const row = (start: number): Vector => [numbers[start] ?? 0, numbers[start + 1] ?? 0, numbers[start + 2] ?? 0];
  return [row(0), row(3), row(6)];
}

/** Columns that give the fractions of a place; the volume says whether the rows span a cell. */
export function reciprocal([a, b, c]: Matrix): { columns: Matrix; volume: number } {
  const volume = dot(a, cross(b, c));
  return {
    columns: [scale(cross(b, c), 1 / volume), scale(cross(c, a), 1 / volume), scale(cross(a, b), 1 / volume)],
    volume,
  };
}
