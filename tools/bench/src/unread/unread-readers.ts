import { Agent } from 'node:http';
import { openDatabase } from '@chat/database';
import { asUserId, type UnreadDTO } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { bearer, type DatabaseUnderTest } from '@chat/testing';
import { startBuiltApp, type BuiltAppOptions } from '../built-app.ts';
import { getText } from '../load/get-text.ts';
import { READER_ID } from './load-rooms.ts';

/** A way to tell what the reader has not read in all rooms together. */
export interface UnreadReader {
  readTotal(): Promise<number>;
  close(): Promise<unknown>;
}

/** The real rooms-api as a process of its own, over one HTTP connection that is kept. */
export async function openRest(options: Omit<BuiltAppOptions, 'app'>): Promise<UnreadReader> {
  const app = await startBuiltApp({ ...options, app: 'rooms-api' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: bearer(READER_ID) };
  return {
    async readTotal() {
      const text = await getText(`http://${app.host}/api/v1/chat/chat-rooms/unread`, { agent, headers });
      return (JSON.parse(text) as UnreadDTO).total; // the answer of our own endpoint
    },
    close: () => {
      agent.destroy();
      return app.stop();
    },
  };
}

/** What rooms-api asks of the database, in this process. */
export function openRepository({ url }: DatabaseUnderTest): UnreadReader {
  const logger = createLogger('bench', { level: 'silent', instanceId: 'bench' });
  const database = openDatabase({ databaseUrl: url, logger, databasePoolMax: 1 });
  return {
    async readTotal() {
      const rooms = await database.repositories.unread.listUnreadOf(asUserId(READER_ID));
      return rooms.reduce((total, { unreadCount }) => total + unreadCount, 0);
    },
    close: () => database.stop(),
  };
}

/** The plain way: the rows of others behind the mark of each room, counted one by one. */
export function openCounting(database: DatabaseUnderTest): UnreadReader {
  return {
    async readTotal() {
      const rows = await database.query<{ unread: string }>(
        `SELECT own.room_id, count(x.id) AS unread
         FROM memberships AS own
         LEFT JOIN receipt_marks AS mark ON mark.room_id = own.room_id AND mark.user_id = own.user_id
         LEFT JOIN messages AS x ON x.room_id = own.room_id AND x.seq IS NOT NULL AND x.sender_id <> own.user_id
           AND (x.epoch, x.log_offset) > (mark.read_epoch, mark.read_offset)
         WHERE own.user_id = $1 GROUP BY own.room_id`,
        [READER_ID],
      );
      return rows.reduce((total, { unread }) => total + Number(unread), 0);
    },
    close: () => Promise.resolve(),
  };
}
