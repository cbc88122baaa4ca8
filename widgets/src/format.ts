/** Numbers as people read them. */

const THIN = "\u2009";

/** `12 345`, with thin spaces. */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

/** Some digits that matter, without an exponent where it can be avoided. */
export function formatValue(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1000 && Math.abs(value) < 1e7) return formatCount(value);
  const short = Number(value.toPrecision(digits));
  return (Object.is(short, -0) ? "0" : short.toString()).replace("-", "−");
}

/** `50.12 ± 0.34`: as many digits as the error has meaning, which is two. */
export function formatAverage(mean: number, error: number): string {
  const digits = error > 0 ? Math.min(Math.max(0, 1 - Math.floor(Math.log10(error))), 100) : 4;
  return `${mean.toFixed(digits)} ± ${error.toFixed(digits)}`.replace("-", "−");
}

/** `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours) return `${hours} h ${pad(minutes)} min`;
  return minutes ? `${minutes} min ${pad(rest)} s` : `${rest} s`;
}

function pad(value: number): string {
  return value.toString().padStart(2, "0");
}
