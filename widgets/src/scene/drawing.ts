/** Atoms, bonds, cell and beads as spheres, sticks and lines. */

import { findBonds } from "./bonds";
import { coloursBy, coloursOf, parse } from "./colours";
import { type Atoms, type Frame, hasCell, offsetsOf, type Style } from "./frame";
import type { Drawing } from "./painter";
import { add, rows, type Vector } from "./vectors";

export interface Ink {
  /** `#rrggbb` of what is behind, and of lines. */
  ground: string;
  line: string;
}

/** Above this many atoms bonds are too small to see, and take too long. */
export const MOST_WITH_BONDS = 50_000;
/** Radius of a ball between sticks: a part that all have, and a share of the covalent radius, Å. */
const BALL = [0.2, 0.28] as const;
const BEAD = [0.1, 0.12] as const;
const STICK = 0.12;
/** Where beads are seen, their centre is drawn smaller. */
const CENTROID = 0.6;
const EDGES = [0, 1, 0, 2, 0, 4, 1, 3, 1, 5, 2, 3, 2, 6, 3, 7, 4, 5, 4, 6, 5, 7, 6, 7];

export function drawingOf(atoms: Atoms, frame: Frame, style: Style, ink: Ink): Drawing {
  const count = frame.positions.length / 3;
  const beads = style.beads ? frame.beads : NO_BEADS;
  const bonds = style.bonds && count <= MOST_WITH_BONDS;
  const radii = radiiOf(atoms);
  const colours = frame.values.length === count ? coloursBy(frame.values, frame.scale) : elementColours(atoms);
  const sticks = bonds ? bondSticks(frame, atoms, radii, colours) : NO_STICKS;
  const lines = joined(style.cell && hasCell(frame) ? edges(frame) : [], style.springs ? springs(frame) : []);
  return {
    spheres: spheres(frame.positions, radii, bonds ? BALL : [0, 1]),
    sphereColours: colours,
    ...sticks,
    lines,
    lineColours: repeated(parse(ink.line), lines.length / 3),
    clouds: spheres(beads, radii, BEAD),
    cloudColours: tiled(colours, beads.length / 3),
    offsets: offsetsOf(frame, style),
    ground: parse(ink.ground).map((byte) => byte / 255) as Vector,
    size: beads.length ? CENTROID : 1,
    thickness: STICK,
  };
}

const NO_BEADS = new Float32Array();

type Sticks = Pick<Drawing, "sticks" | "stickColours">;

const NO_STICKS: Sticks = { sticks: new Float32Array(), stickColours: new Uint8Array() };

function elementColours({ species, elements }: Atoms): Uint8Array {
  return coloursOf(
    species,
    elements.map((element) => element.colour),
  );
}

function radiiOf({ species, elements }: Atoms): Float32Array {
  const radii = new Float32Array(species.length);
  for (let atom = 0; atom < radii.length; atom++) radii[atom] = elements[species[atom] ?? 0]?.radius ?? 1;
  return radii;
}

/** Centre and radius of every atom; of every bead, where there are several for each radius. */
function spheres(positions: Float32Array, radii: Float32Array, [part, share]: readonly [number, number]): Float32Array {
  const shapes = new Float32Array((4 * positions.length) / 3);
  for (let atom = 0; atom < positions.length / 3; atom++) {
    shapes[4 * atom] = positions[3 * atom] ?? 0;
    shapes[4 * atom + 1] = positions[3 * atom + 1] ?? 0;
    shapes[4 * atom + 2] = positions[3 * atom + 2] ?? 0;
    shapes[4 * atom + 3] = part + share * (radii[atom % radii.length] ?? 0);
  }
  return shapes;
}

function bondSticks(frame: Frame, atoms: Atoms, radii: Float32Array, colours: Uint8Array): Sticks {
  const found = findBonds({ positions: frame.positions, radii, cell: frame.cell, periodic: atoms.periodic });
  const stickColours = new Uint8Array(8 * found.count);
  for (let end = 0; end < 2 * found.count; end++) {
    const from = 4 * (found.atoms[end] ?? 0);
    for (let byte = 0; byte < 4; byte++) stickColours[4 * end + byte] = colours[from + byte] ?? 255;
  }
  return { sticks: found.ends.subarray(0, 6 * found.count), stickColours };
}

function edges(frame: Frame): number[] {
  const vectors = rows(frame.cell);
  const corner = (n: number): Vector => {
    const parts = vectors.filter((_, k) => (n >> k) & 1);
    return parts.reduce(add, [0, 0, 0]);
  };
  return EDGES.flatMap(corner);
}

/** From each bead to the next, and from the last to the first. */
function springs({ positions, beads }: Frame): number[] {
  const width = positions.length;
  const lines: number[] = [];
  for (let at = 0; at < beads.length; at += 3) {
    const next = (at + width) % beads.length;
    for (const start of [at, next]) lines.push(beads[start] ?? 0, beads[start + 1] ?? 0, beads[start + 2] ?? 0);
  }
  return lines;
}

function joined(first: number[], second: number[]): Float32Array {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function repeated(colour: readonly number[], times: number): Uint8Array {
  return Uint8Array.from({ length: 4 * times }, (_, byte) => colour[byte % 4] ?? 255);
}

function tiled(colours: Uint8Array, times: number): Uint8Array {
  return Uint8Array.from({ length: 4 * times }, (_, byte) => colours[byte % (colours.length || 1)] ?? 255);
}
