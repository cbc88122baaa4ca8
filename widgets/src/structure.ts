/** What the Python half tells about a structure: the traits of `StructureViewer`, and the frames it sends. */

import type { Scale } from "./scene/colours";
import type { Atoms, Element, Frame } from "./scene/frame";
import { type Matrix, rows } from "./scene/vectors";
import { decode } from "./series";

/** One way to colour atoms. */
export interface Colouring {
  name: string;
  label: string;
}

export interface StructureState {
  /** Said of the structure, such as its formula. */
  title: string;
  /** One byte an atom. */
  species: DataView;
  elements: Element[];
  periodic: boolean[];
  /** Nine floats: rows are to the right, up, and towards the eye. */
  orientation: DataView;
  /** Pixels. */
  height: number;
  /** How often the cell is drawn along each lattice vector. */
  repeat: [number, number, number];
  /** Whether bonds are drawn at first. */
  bonds: boolean;
  colourings: Colouring[];
  /** Number of frames to choose from; none of a structure that shows what it is sent. */
  count: number;
  /** True while something computes more frames. */
  live: boolean;
  /** Counts what was sent, so that we can say what was painted. */
  number: number;
  /** The frame that is shown when a view opens. */
  frame: Told;
  positions: DataView;
  cell: DataView;
  values: DataView;
  beads: DataView;
}

/** What is said of a frame besides its arrays. */
export interface Told {
  index: number;
  caption: string;
  by: string;
  scale: Scale;
}

/** What a view may ask for. */
export type Request =
  | { ask: "painted"; number: number }
  | { ask: "frames"; numbers: number[]; by: string }
  | { ask: "colour"; by: string };

export interface ToldFrame extends Frame {
  told: Told;
}

type Arrays = Pick<StructureState, "positions" | "cell" | "values" | "beads">;

export function frameOf(told: Told, arrays: Arrays): ToldFrame {
  return {
    told,
    scale: told.scale,
    positions: decode(arrays.positions),
    cell: decode(arrays.cell),
    values: decode(arrays.values),
    beads: decode(arrays.beads),
  };
}

export function atomsOf(state: Pick<StructureState, "species" | "elements" | "periodic">): Atoms {
  const { buffer, byteOffset, byteLength } = state.species;
  return { ...state, species: new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength)) };
}

export function orientationOf(view: DataView): Matrix {
  return rows(decode(view));
}
