import { Pool } from 'pg';
import type { Untimed } from '../history/history-event.ts';
import type { LogMarks } from './run-log.ts';

const QUERY_DEADLINE_MS = 60_000;

interface MessageRow {
  readonly room: string;
  readonly epoch: number;
  readonly partition: number;
  readonly offset: string;
  readonly seq: string | null;
  readonly id: string;
  readonly sender: string;
  readonly client_message_id: string | null;
}

/** What a run left in Postgres. */
export class RunRows {
  readonly #pool: Pool;

  constructor(databaseUrl: string) {
    this.#pool = new Pool({ connectionString: databaseUrl, max: 1, query_timeout: QUERY_DEADLINE_MS });
    this.#pool.on('error', () => {}); // a query that fails says so itself
  }

  /** Whether everything up to the marks is stored. */
  async isCaughtUp({ offsets }: LogMarks): Promise<boolean> {
    const { rows } = await this.#pool.query<{ partition: number; next: string }>(
      'SELECT partition, max(next_offset) AS next FROM log_positions GROUP BY partition',
    );
    const stored = new Map(rows.map(({ partition, next }) => [partition, Number(next)]));
    return [...offsets].every(([partition, offset]) => (stored.get(partition) ?? 0) > offset);
  }

  /** Sets the stored positions back by so many records, as after a restored backup of that table. */
  async rewind(recordCount: number): Promise<void> {
    await this.#pool.query(
      `UPDATE log_positions SET next_offset = greatest(0, next_offset - $1), last_offset = NULL, last_digest = NULL`,
      [recordCount],
    );
  }

  async read(): Promise<readonly Untimed[]> {
    const { rows } = await this.#pool.query<MessageRow>(
      `SELECT room_id AS room, epoch, partition, log_offset AS offset, seq, id, sender_id AS sender, client_message_id
         FROM messages ORDER BY epoch, partition, log_offset`,
    );
    return rows.map(({ room, epoch, partition, offset, seq, id, sender, client_message_id: clientMessageId }) => ({
      ...{ type: 'row', room: Number(room), epoch, partition, offset: Number(offset) },
      ...{ seq: seq === null ? null : Number(seq), id, sender: Number(sender), clientMessageId },
    }));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
