/** What is shown: atoms that stay, and where they are now. */

import type { Scale } from "./colours";
import { add, combine, length, rows, subtract, type Vector } from "./vectors";

export interface Element {
  symbol: string;
  /** `#rrggbb`. */
  colour: string;
  /** Covalent radius, Å. */
  radius: number;
}

export interface Atoms {
  /** Place in `elements` of every atom. */
  species: Uint8Array;
  elements: Element[];
  periodic: readonly boolean[];
}

export interface Frame {
  /** Three numbers an atom, Å; inside the cell along the periodic directions. */
  positions: Float32Array;
  /** Lattice vectors in rows, Å; empty where there is no cell. */
  cell: Float32Array;
  /** One number an atom, or none: colours are then those of elements. */
  values: Float32Array;
  scale: Scale;
  /** Positions of all atoms of one bead of a path integral after the other; may be empty. */
  beads: Float32Array;
}

export interface Style {
  bonds: boolean;
  cell: boolean;
  /** Beads of path integrals, where there are any. */
  beads: boolean;
  /** Springs between neighbouring beads. */
  springs: boolean;
  /** How often the cell is drawn along each lattice vector. */
  repeat: Vector;
}

export const hasCell = ({ cell }: Frame): boolean => cell.length === 9 && cell.some((number) => number !== 0);

/** By how much the copies of the cell are displaced, Å. */
export function offsetsOf(frame: Frame, { repeat }: Style): Vector[] {
  const [a, b, c] = hasCell(frame) ? repeat : [1, 1, 1];
  const vectors = rows(frame.cell);
  const offsets: Vector[] = [];
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) offsets.push(combine([i, j, k], vectors));
  return offsets;
}

/** Places between which everything is, Å: corners of the cell and its copies, or all atoms. */
export function outline(frame: Frame, style: Style): Vector[] {
  const ends = hasCell(frame) ? corners(frame) : triples(frame.positions);
  const offsets = offsetsOf(frame, style);
  const outer = offsets.length > 1 ? [offsets[0], offsets[offsets.length - 1]] : offsets;
  return outer.flatMap((offset) => ends.map((end) => add(end, offset ?? [0, 0, 0])));
}

/** No atom is farther from a place, Å. */
export function reachFrom(centre: Vector, frame: Frame, style: Style): number {
  const far = (places: Vector[]) => places.reduce((most, place) => Math.max(most, length(subtract(place, centre))), 0);
  const offsets = offsetsOf(frame, style).map(length);
  return far([...outline(frame, style), ...extremes(frame.positions)]) + Math.max(...offsets) + MARGIN;
}

/** The largest radius that is drawn, Å, and a little more. */
export const MARGIN = 1;

function corners(frame: Frame): Vector[] {
  const vectors = rows(frame.cell);
  return [0, 1, 2, 3, 4, 5, 6, 7].map((n) => combine([n & 1, (n >> 1) & 1, n >> 2], vectors));
}

/** The eight corners of the box around all atoms. */
function extremes(positions: Float32Array): Vector[] {
  const low: Vector = [0, 0, 0];
  const high: Vector = [0, 0, 0];
  for (const k of [0, 1, 2] as const) {
    low[k] = high[k] = positions[k] ?? 0;
    for (let at = k; at < positions.length; at += 3) {
      low[k] = Math.min(low[k], positions[at] ?? 0);
      high[k] = Math.max(high[k], positions[at] ?? 0);
    }
  }
  const side = (n: number, k: 0 | 1 | 2) => ((n >> k) & 1 ? high[k] : low[k]);
  return [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [side(n, 0), side(n, 1), side(n, 2)]);
}

function triples(positions: Float32Array): Vector[] {
  return Array.from({ length: positions.length / 3 }, (_, atom) => {
    const at = 3 * atom;
    return [positions[at] ?? 0, positions[at + 1] ?? 0, positions[at + 2] ?? 0];
  });
}
