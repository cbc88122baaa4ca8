import { expect, test } from "vitest";
import { formatAverage, formatCount, formatDuration, formatValue } from "../src/format";

test.each([
  [42, "42 s"],
  [59.7, "1 min 00 s"],
  [185, "3 min 05 s"],
  [7800, "2 h 10 min"],
  [-1, "0 s"],
])("a duration of %d s reads %s", (seconds, words) => {
  expect(formatDuration(seconds)).toBe(words);
});

test("large counts are grouped", () => {
  expect(formatCount(1234567)).toBe("1\u2009234\u2009567");
});

test.each([
  [300.123, "300.1"],
  [-0.000123, "−0.000123"],
  [12345.6, "12\u2009346"],
  [-0, "0"],
  [Number.NaN, "–"],
  [null, "–"],
  [undefined, "–"],
])("the value %d reads %s", (value, words) => {
  expect(formatValue(value)).toBe(words);
});

test.each([
  [50.1234, 0.0344, "50.123 ± 0.034"],
  [-3, 12, "−3 ± 12"],
  [1, 0, "1.0000 ± 0.0000"],
])("a mean of %d with the error %d", (mean, error, words) => {
  expect(formatAverage(mean, error)).toBe(words);
});
