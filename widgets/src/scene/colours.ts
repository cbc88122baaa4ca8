/** Colours as bytes: of elements, and of values on a scale that every eye sees as even. */

/** What values mean: the ends of their scale, and what stands beside it. */
export interface Scale {
  label: string;
  unit: string;
  low: number;
  high: number;
}

/** Anchors of a scale from dark blue to yellow, even in lightness and told apart with any colour vision (viridis). */
const ANCHORS: [number, number, number][] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];
/** Where there is no value. */
const NONE: [number, number, number] = [150, 150, 150];

/** The colour of a place on the scale, 0 to 1. */
export function shade(place: number): [number, number, number] {
  const at = Math.min(Math.max(place, 0), 1) * (ANCHORS.length - 1);
  const index = Math.min(Math.floor(at), ANCHORS.length - 2);
  const [low, high] = [ANCHORS[index] ?? NONE, ANCHORS[index + 1] ?? NONE];
  const mix = (k: 0 | 1 | 2) => Math.round(low[k] + (high[k] - low[k]) * (at - index));
  return [mix(0), mix(1), mix(2)];
}

/** `#rrggbb` as bytes. */
export function parse(hex: string): [number, number, number] {
  const number = Number.parseInt(hex.slice(1), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}

/** Four bytes an atom, from a table by species. */
export function coloursOf(species: Uint8Array, table: string[]): Uint8Array {
  return painted(Int32Array.from(species), table.map(parse));
}

/** Steps of the scale; more are not told apart. */
const SHADES = Array.from({ length: 256 }, (_, step) => shade(step / 255));

/** Four bytes an atom, by value. */
export function coloursBy(values: Float32Array, { low, high }: Scale): Uint8Array {
  const steps = 255 / (high - low || 1);
  const places = new Int32Array(values.length);
  for (let atom = 0; atom < places.length; atom++) {
    const place = ((values[atom] ?? Number.NaN) - low) * steps;
    places[atom] = Number.isNaN(place) ? -1 : Math.round(Math.min(Math.max(place, 0), 255));
  }
  return painted(places, SHADES);
}

function painted(places: Int32Array, table: [number, number, number][]): Uint8Array {
  const bytes = new Uint8Array(4 * places.length).fill(255);
  for (let atom = 0; atom < places.length; atom++) {
    const colour = table[places[atom] ?? -1] ?? NONE;
    bytes[4 * atom] = colour[0];
    bytes[4 * atom + 1] = colour[1];
    bytes[4 * atom + 2] = colour[2];
  }
  return bytes;
}

/** The scale as a background of CSS, from low to high. */
export function gradient(): string {
  return `linear-gradient(to right, ${ANCHORS.map((rgb) => `rgb(${rgb.join(" ")})`).join(", ")})`;
}
