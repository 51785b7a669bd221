import { openDatabase, type HistoryPlace } from '@chat/database';
import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { startBuiltApp, type BuiltAppOptions } from '../built-app.ts';
import { openHttpReader } from './http-reader.ts';
import { READER_ID, type LoadedHistory } from './load-history.ts';
import type { PageRequest } from './page-requests.ts';

/** Messages of a page at most. */
export const PAGE_LIMIT = 50;

/** A way to read history. */
export interface PageReader {
  /** Reads one page whole; answers how many messages it has. */
  read(request: PageRequest): Promise<number>;
  close(): Promise<void>;
}

/** The real rooms-api as a process of its own, over HTTP. */
export async function openRest(
  history: LoadedHistory,
  options: Omit<BuiltAppOptions, 'app' | 'databaseUrl'>,
): Promise<PageReader> {
  const app = await startBuiltApp({ ...options, app: 'rooms-api', databaseUrl: history.database.url });
  const reader = openHttpReader(`http://${app.host}`, PAGE_LIMIT);
  return {
    read: reader.read,
    close: async () => {
      reader.close();
      await app.stop();
    },
  };
}

/** What rooms-api asks of the database for a page, in this process. */
export function openRepository(history: LoadedHistory): PageReader {
  const logger = createLogger('bench', { level: 'silent', instanceId: 'bench' });
  const database = openDatabase({ databaseUrl: history.database.url, logger, databasePoolMax: 1 });
  const { messages } = database.repositories;
  const placeOf = async (roomId: number, messageId: number): Promise<HistoryPlace> => {
    const place = await messages.findPlace(asRoomId(roomId), asMessageId(messageId));
    if (place === null) throw new Error(`room ${roomId} has no message ${messageId}`);
    return place;
  };
  return {
    async read({ roomId, before, after }) {
      const { items } = await messages.listMessages(asRoomId(roomId), {
        ...(before !== undefined && { before: await placeOf(roomId, before) }),
        ...(after !== undefined && { after: await placeOf(roomId, after) }),
        reader: asUserId(READER_ID),
        limit: PAGE_LIMIT,
      });
      return items.length;
    },
    close: () => database.stop(),
  };
}
