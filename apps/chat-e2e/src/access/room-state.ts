import { randomInt } from 'node:crypto';
import { eventually } from '@chat/testing';
import type { ChatDriver } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { STORED } from '../room-of-two.ts';

/** Says the marks; nobody else. */
const MARKER_ID = 1;

/** All that is stored of a room, by table. Deliveries are not: they follow from what was allowed. */
const ROWS_OF_ROOM: Readonly<Record<string, string>> = {
  chat_rooms: "SELECT to_jsonb(r) - 'last_activity_at' AS row FROM chat_rooms r WHERE id = $1",
  memberships: 'SELECT to_jsonb(r) AS row FROM memberships r WHERE room_id = $1',
  invitations: 'SELECT to_jsonb(r) AS row FROM invitations r WHERE room_id = $1',
  bans: 'SELECT to_jsonb(r) AS row FROM bans r WHERE room_id = $1',
  messages: `SELECT to_jsonb(r) AS row FROM messages r WHERE room_id = $1 AND sender_id <> ${MARKER_ID}`,
  reactions: 'SELECT to_jsonb(r) AS row FROM reactions r WHERE room_id = $1',
  receipt_marks: 'SELECT to_jsonb(r) AS row FROM receipt_marks r WHERE room_id = $1 AND read_offset IS NOT NULL',
  last_seen: 'SELECT to_jsonb(r) AS row FROM last_seen r WHERE room_id = $1',
};

export type RoomState = Readonly<Record<string, readonly string[]>>;

export async function readRoomState(chat: ChatDriver, roomId: number): Promise<RoomState> {
  const tables = Object.entries(ROWS_OF_ROOM).map(async ([table, text]) => {
    const rows = await chat.query<{ row: unknown }>(text, [roomId]);
    return [table, rows.map(({ row }) => JSON.stringify(row)).toSorted()] as const;
  });
  return Object.fromEntries(await Promise.all(tables));
}

/** The same once all that was published to the room until now is stored, which a mark behind it tells. */
export async function readSettledState(chat: ChatDriver, roomId: number): Promise<RoomState> {
  const id = randomInt(1, 2 ** 47);
  const record = {
    id,
    senderId: MARKER_ID,
    roomId,
    content: marked('mark'),
    type: 'GROUP',
    timestamp: new Date().toISOString(),
  };
  await chat.produce('chat-messages', String(roomId), JSON.stringify(record));
  await eventually(async () => {
    const rows = await chat.query('SELECT 1 FROM messages WHERE room_id = $1 AND id = $2', [roomId, id]);
    if (rows.length === 0) throw new Error('what was published to the room is not stored');
  }, STORED);
  return readRoomState(chat, roomId);
}
