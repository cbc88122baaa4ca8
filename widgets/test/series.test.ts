import { expect, test } from "vitest";
import { joinColumns } from "../src/series";

/** A view whose bytes begin at an odd place, as those of a message do. */
function view(values: number[]): DataView {
  const bytes = new Uint8Array(3 + 4 * values.length);
  bytes.set(new Uint8Array(Float32Array.from(values).buffer), 3);
  return new DataView(bytes.buffer, 3, 4 * values.length);
}

test("rows of both parts are joined", () => {
  const columns = joinColumns(view([1, 2, 10, 20]), view([3, 30]), 2);
  expect(columns.map((row) => [...row])).toEqual([
    [1, 2, 3],
    [10, 20, 30],
  ]);
});

test("no data are empty rows", () => {
  expect(joinColumns(view([]), view([]), 3).map((row) => row.length)).toEqual([0, 0, 0]);
});
