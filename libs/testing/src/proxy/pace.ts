/** How slowly a stretch of network lets bytes through; what is absent does not slow them. */
export interface Pace {
  /** From a byte's coming in to its going out, in ms. */
  readonly latencyMs?: number;
  readonly bytesPerSecond?: number;
  /** Most bytes that go out together; 1 shows who relies on getting a message in one piece. */
  readonly sliceBytes?: number;
}

/** Of bytes with a bandwidth, this often a second one slice goes out. */
const SLICES_PER_SECOND = 50;

/** Whether bytes pass at once and as they come. */
export function isUnhindered({ latencyMs, bytesPerSecond, sliceBytes }: Pace): boolean {
  return latencyMs === undefined && bytesPerSecond === undefined && sliceBytes === undefined;
}

/** How many of the waiting bytes go out next. */
export function nextSliceBytes(waiting: number, { bytesPerSecond = Infinity, sliceBytes = Infinity }: Pace): number {
  return Math.max(1, Math.min(waiting, sliceBytes, Math.ceil(bytesPerSecond / SLICES_PER_SECOND)));
}

/** How long the line is busy with a slice of so many bytes, in ms. */
export function busyMs(byteCount: number, { bytesPerSecond = Infinity }: Pace): number {
  return (byteCount / bytesPerSecond) * 1000;
}
