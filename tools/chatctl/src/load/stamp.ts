/** A run, and when a message of it was sent, in ms of this process's own clock. */
export interface Stamp {
  readonly runId: string;
  readonly sentAt: number;
}

const STAMP = /^load ([0-9a-f]{8}) ([0-9]+\.[0-9]{3}) /;

/** Content that says when it was sent, so that nothing needs to be remembered until it comes; at least `size` characters long. */
export function stamped({ runId, sentAt }: Stamp, size: number): string {
  return `load ${runId} ${sentAt.toFixed(3)} `.padEnd(size, '.');
}

/** The stamp of a content; null where it has none. */
export function stampOf(content: string): Stamp | null {
  const [, runId, sentAt] = STAMP.exec(content) ?? [];
  return runId === undefined || sentAt === undefined ? null : { runId, sentAt: Number(sentAt) };
}
