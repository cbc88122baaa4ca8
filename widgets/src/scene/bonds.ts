/** Bonds: pairs nearer than their covalent radii say, also those with an image of an atom in the next cell. */

import { gridOf } from "./grid";

/** Bonds are at most so many times the sum of the radii. */
export const TOLERANCE = 1.2;

/** What bonds are looked for in; lattice vectors are rows, Å. */
export interface Crystal {
  /** Å; every atom in the cell along the periodic directions. */
  positions: Float32Array;
  /** Covalent radius of every atom, Å. */
  radii: Float32Array;
  /** Nine numbers; none where there is no cell. */
  cell: Float32Array;
  periodic: readonly boolean[];
}

/** Sticks from one place to another, and the atom whose colour each half has. */
export interface Sticks {
  /** Six numbers a stick, Å. */
  ends: Float32Array;
  /** Two atoms a stick. */
  atoms: Uint32Array;
  count: number;
}

/** All bonds. One that leaves the cell is two sticks, each half way to the image of the other atom. */
export function findBonds(crystal: Crystal): Sticks {
  const { positions, radii } = crystal;
  const found = new Found(4 * radii.length);
  const longest = 2 * TOLERANCE * radii.reduce((most, radius) => Math.max(most, radius), 0);
  if (!longest || radii.length < 2) return found;
  gridOf(crystal, longest).pairs((i, j, x, y, z, outside) => {
    const reach = TOLERANCE * ((radii[i] ?? 0) + (radii[j] ?? 0));
    if (x * x + y * y + z * z > reach * reach) return;
    if (!outside) found.add(i, j, positions, x, y, z);
    else {
      found.add(i, i, positions, x / 2, y / 2, z / 2);
      found.add(j, j, positions, -x / 2, -y / 2, -z / 2);
    }
  });
  return found;
}

class Found implements Sticks {
  ends: Float32Array;
  atoms: Uint32Array;
  count = 0;

  constructor(room: number) {
    this.ends = new Float32Array(6 * room);
    this.atoms = new Uint32Array(2 * room);
  }

  /** A stick from the first atom along a vector. */
  add(i: number, j: number, positions: Float32Array, x: number, y: number, z: number): void {
    if (2 * this.count === this.atoms.length) this.grow();
    const { ends } = this;
    const end = 6 * this.count;
    ends[end] = positions[3 * i] ?? 0;
    ends[end + 1] = positions[3 * i + 1] ?? 0;
    ends[end + 2] = positions[3 * i + 2] ?? 0;
    ends[end + 3] = (ends[end] ?? 0) + x;
    ends[end + 4] = (ends[end + 1] ?? 0) + y;
    ends[end + 5] = (ends[end + 2] ?? 0) + z;
    this.atoms[2 * this.count] = i;
    this.atoms[2 * this.count + 1] = j;
    this.count++;
  }

  private grow(): void {
    const [ends, atoms] = [this.ends, this.atoms];
    this.ends = new Float32Array(2 * ends.length + 6);
    this.atoms = new Uint32Array(2 * atoms.length + 2);
    this.ends.set(ends);
    this.atoms.set(atoms);
  }
}
