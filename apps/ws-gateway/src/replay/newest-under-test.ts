import type { NewestMessages, ReplayedMessage } from '@chat/database';

/** The last so many rows of a room that has nothing but texts, as the database gives them. */
export function newestOf(rows: readonly ReplayedMessage[], count: number): NewestMessages {
  const from = Math.max(0, rows.length - count);
  return { rows: rows.slice(from), earlier: rows[from - 1] ?? null, isCut: false };
}
