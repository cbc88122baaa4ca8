/** Binary series as columns: rows of equal length, one after the other, 32-bit floats. */

export type Columns = Float64Array[];

/** Rows of `past` and `recent` joined; no rows at all as long as there is no data. */
export function joinColumns(past: DataView, recent: DataView, rows: number): Columns {
  const [first, second] = [decode(past), decode(recent)];
  const [before, after] = [first.length / rows, second.length / rows];
  return Array.from({ length: rows }, (_, row) => {
    const column = new Float64Array(before + after);
    column.set(first.subarray(row * before, (row + 1) * before));
    column.set(second.subarray(row * after, (row + 1) * after), before);
    return column;
  });
}

/** The floats of some bytes; a copy: the view's bytes need not be aligned for floats. */
export function decode(view: DataView): Float32Array {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}
