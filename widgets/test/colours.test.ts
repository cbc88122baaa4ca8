import { expect, test } from "vitest";
import { coloursBy, coloursOf, parse, shade } from "../src/scene/colours";

/** Lightness as the eye sees it (CIE L*). */
function lightness([red, green, blue]: [number, number, number]): number {
  const linear = [red, green, blue].map((byte) =>
    byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4,
  );
  const [r = 0, g = 0, b = 0] = linear;
  return 116 * Math.cbrt(0.2126 * r + 0.7152 * g + 0.0722 * b) - 16;
}

test("the scale rises evenly in lightness", () => {
  const steps = Array.from({ length: 11 }, (_, n) => lightness(shade(n / 10)));
  const rises = steps.slice(1).map((value, n) => value - (steps[n] ?? 0));
  expect(Math.min(...rises)).toBeGreaterThan(4);
  expect(Math.max(...rises)).toBeLessThan(11);
});

test("values beyond the scale have the colours of its ends, and what is no number is grey", () => {
  const bytes = coloursBy(Float32Array.from([-1, 0, 1, 9, Number.NaN]), { label: "", unit: "", low: 0, high: 1 });
  const colour = (atom: number) => [...bytes.subarray(4 * atom, 4 * atom + 3)];
  expect(colour(0)).toEqual(shade(0));
  expect(colour(1)).toEqual(shade(0));
  expect(colour(2)).toEqual(shade(1));
  expect(colour(3)).toEqual(shade(1));
  expect(new Set(colour(4)).size).toBe(1);
});

test("atoms have the colours of their species", () => {
  expect([...coloursOf(Uint8Array.from([1, 0]), ["#ff0000", "#00ff80"])]).toEqual([0, 255, 128, 255, 255, 0, 0, 255]);
  expect(parse("#0a0b0c")).toEqual([10, 11, 12]);
});
