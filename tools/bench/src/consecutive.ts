/** So many whole numbers in a row. */
export function consecutive(count: number, first = 1): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
