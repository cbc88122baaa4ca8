/** Atoms sorted into boxes along the lattice vectors, so that near pairs are found at linear cost. */

import type { Crystal } from "./bonds";
import { IDENTITY, length, type Matrix, reciprocal, rows, type Vector } from "./vectors";

/** More boxes than this along one vector are empty for most of it. */
const MOST = 64;

/** Called with two atoms, the vector from the first to the (image of the) second, and whether that is outside the cell. */
type Visit = (i: number, j: number, x: number, y: number, z: number, outside: boolean) => void;

export interface Grid {
  /** Every pair nearer than the cutoff once; and an atom with its own images, once of two opposite ones. */
  pairs(visit: Visit): void;
}

export function gridOf(crystal: Crystal, cutoff: number): Grid {
  const vectors = rows(crystal.cell);
  const { columns, volume } = reciprocal(vectors);
  const spans = crystal.cell.length === 9 && Math.abs(volume) > 1e-6;
  return spans ? new Boxes(crystal, vectors, columns, cutoff) : new Boxes(crystal, IDENTITY, IDENTITY, cutoff);
}

class Boxes implements Grid {
  private readonly counts: Vector = [1, 1, 1];
  private readonly low: Vector = [0, 0, 0];
  private readonly span: Vector = [1, 1, 1];
  private readonly wraps: boolean[];
  private readonly most: number;
  /** Thickness of a box, Å. */
  private readonly thickness: Vector = [1, 1, 1];
  private readonly first: Int32Array;
  private readonly next: Int32Array;

  constructor(
    private readonly crystal: Crystal,
    private readonly vectors: Matrix,
    private readonly columns: Matrix,
    private readonly cutoff: number,
  ) {
    this.most = cutoff * cutoff;
    const atoms = crystal.positions.length / 3;
    this.wraps = [0, 1, 2].map((k) => vectors !== IDENTITY && (crystal.periodic[k] ?? false));
    const fractions = this.fractions(atoms);
    for (const k of [0, 1, 2] as const) this.divide(k, fractions);
    this.next = new Int32Array(atoms).fill(-1);
    this.first = new Int32Array(this.counts[0] * this.counts[1] * this.counts[2]).fill(-1);
    for (let atom = atoms - 1; atom >= 0; atom--) this.sort(atom, fractions);
  }

  private fractions(atoms: number): Float64Array {
    const { positions } = this.crystal;
    const fractions = new Float64Array(3 * atoms);
    const [u, v, w] = this.columns;
    for (let atom = 0; atom < 3 * atoms; atom += 3) {
      const x = positions[atom] ?? 0;
      const y = positions[atom + 1] ?? 0;
      const z = positions[atom + 2] ?? 0;
      fractions[atom] = u[0] * x + u[1] * y + u[2] * z;
      fractions[atom + 1] = v[0] * x + v[1] * y + v[2] * z;
      fractions[atom + 2] = w[0] * x + w[1] * y + w[2] * z;
    }
    return fractions;
  }

  /** How many boxes there are along one vector: the whole cell where it is periodic, what is occupied elsewhere. */
  private divide(k: 0 | 1 | 2, fractions: Float64Array): void {
    if (!this.wraps[k]) {
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let at = k; at < fractions.length; at += 3) {
        low = Math.min(low, fractions[at] ?? 0);
        high = Math.max(high, fractions[at] ?? 0);
      }
      [this.low[k], this.span[k]] = [low, Math.max(high - low, 1e-9)];
    }
    const height = this.span[k] / length(this.columns[k]);
    this.counts[k] = Math.min(Math.max(Math.floor(height / this.cutoff), 1), MOST);
    this.thickness[k] = height / this.counts[k];
  }

  private sort(atom: number, fractions: Float64Array): void {
    let box = 0;
    for (const k of [0, 1, 2] as const) {
      const at = ((fractions[3 * atom + k] ?? 0) - this.low[k]) / this.span[k];
      const index = Math.floor(at * this.counts[k]);
      // Rounding may put an atom on the far side of a wall.
      box = box * this.counts[k] + Math.min(Math.max(index, 0), this.counts[k] - 1);
    }
    this.next[atom] = this.first[box] ?? -1;
    this.first[box] = atom;
  }

  pairs(visit: Visit): void {
    const reach = this.thickness.map((thick, k) => this.reach(k, thick)) as Vector;
    const steps = halfAround(reach);
    const [na, nb, nc] = this.counts;
    for (let a = 0; a < na; a++)
      for (let b = 0; b < nb; b++)
        for (let c = 0; c < nc; c++) {
          const from = this.first[(a * nb + b) * nc + c] ?? -1;
          if (from < 0) continue;
          for (const step of steps) this.visitBox(from, a + step[0], b + step[1], c + step[2], step === HERE, visit);
        }
  }

  private reach(k: number, thickness: number): number {
    const reach = Math.ceil(this.cutoff / thickness - 1e-9);
    return this.wraps[k] ? reach : Math.min(reach, (this.counts[k] ?? 1) - 1);
  }

  /** Pairs of the atoms of one box with those of another, given by its place, which may be in the next cell. */
  private visitBox(from: number, a: number, b: number, c: number, same: boolean, visit: Visit): void {
    const [na, nb, nc] = this.counts;
    // No arrays are made here: this is called more often than anything else.
    const sa = Math.floor(a / na);
    const sb = Math.floor(b / nb);
    const sc = Math.floor(c / nc);
    if ((sa && !this.wraps[0]) || (sb && !this.wraps[1]) || (sc && !this.wraps[2])) return;
    const start = this.first[((a - sa * na) * nb + b - sb * nb) * nc + c - sc * nc] ?? -1;
    if (start < 0) return;
    const [u, v, w] = this.vectors;
    const x = sa * u[0] + sb * v[0] + sc * w[0];
    const y = sa * u[1] + sb * v[1] + sc * w[1];
    const z = sa * u[2] + sb * v[2] + sc * w[2];
    const outside = sa !== 0 || sb !== 0 || sc !== 0;
    for (let i = from; i >= 0; i = this.next[i] ?? -1) {
      this.visitPartners(i, same ? (this.next[i] ?? -1) : start, x, y, z, outside, visit);
    }
  }

  private visitPartners(
    i: number,
    from: number,
    dx: number,
    dy: number,
    dz: number,
    outside: boolean,
    visit: Visit,
  ): void {
    const { positions } = this.crystal;
    const px = (positions[3 * i] ?? 0) - dx;
    const py = (positions[3 * i + 1] ?? 0) - dy;
    const pz = (positions[3 * i + 2] ?? 0) - dz;
    for (let j = from; j >= 0; j = this.next[j] ?? -1) {
      const x = (positions[3 * j] ?? 0) - px;
      const y = (positions[3 * j + 1] ?? 0) - py;
      const z = (positions[3 * j + 2] ?? 0) - pz;
      if (x * x + y * y + z * z <= this.most) visit(i, j, x, y, z, outside);
    }
  }
}

const HERE: Vector = [0, 0, 0];

/** One of two opposite steps each, and none. */
function halfAround([la, lb, lc]: Vector): Vector[] {
  const steps: Vector[] = [HERE];
  for (let a = 0; a <= la; a++)
    for (let b = a ? -lb : 0; b <= lb; b++) for (let c = a || b ? -lc : 1; c <= lc; c++) steps.push([a, b, c]);
  return steps;
}
