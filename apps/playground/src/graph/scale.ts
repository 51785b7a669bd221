/** A place in the drawing, in its own units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The smallest of 1, 2, 5, 10, 20, … that is not below the value: the top of an axis, which then has round marks. */
export function niceCeiling(value: number): number {
  if (!(value > 1)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10;
  return step * power;
}

/** An SVG path through the points; null ends a line, so that a gap is a gap. A point alone is drawn as a dot. */
export function linePath(points: readonly (Point | null)[]): string {
  let isDrawing = false;
  return points
    .map((point, index) => {
      if (point === null) {
        isDrawing = false;
        return '';
      }
      const place = `${round(point.x)} ${round(point.y)}`;
      const isAlone = !isDrawing && (points[index + 1] ?? null) === null;
      const command = isDrawing ? `L${place}` : `M${place}${isAlone ? 'h0' : ''}`;
      isDrawing = true;
      return command;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
