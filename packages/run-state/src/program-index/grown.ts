type Column = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

/** `column` where it holds `length` items, else a copy that does, at least twice as long. */
export function grown<Kind extends Column>(column: Kind, length: number): Kind {
  if (length <= column.length) return column;
  const longer = new (column.constructor as new (length: number) => Kind)(Math.max(length, 2 * column.length, 64));
  longer.set(column);
  return longer;
}
