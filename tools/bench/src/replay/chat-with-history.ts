import { asMessageId, asRoomId, asUserId } from '@chat/dto';
import { eventually, type DatabaseUnderTest, type KafkaUnderTest } from '@chat/testing';
import type { BenchContext } from '../bench.ts';
import type { BuiltApp } from '../built-app.ts';
import { consecutive } from '../consecutive.ts';
import { openChat } from '../open-chat.ts';
import { openPublisher } from '../open-publisher.ts';

const PARTITIONS = 12;
/** Longest wait for message-persister to store everything, in ms. */
const STORED_DEADLINE_MS = 60_000;
/** Ids of one room's messages are its thousands of thousands. */
const IDS_A_ROOM = 1_000_000;
const CONTENT = 'x'.repeat(100);
const AT = '2026-01-01T00:00:00Z';

export interface ChatSize {
  /** User n is in room `roomOf(n)`, from 1. */
  readonly userCount: number;
  readonly roomCount: number;
  readonly messagesARoom: number;
}

/** A gateway and a message-persister, and rooms whose messages are all stored. */
export interface ChatWithHistory {
  readonly gateway: BuiltApp;
  readonly database: DatabaseUnderTest;
  stop(): Promise<void>;
}

export function roomOf(userId: number, { roomCount }: ChatSize): number {
  return 1 + (userId % roomCount);
}

/** Id of a room's nth message, from 1. */
export function messageIdOf(roomId: number, n: number): number {
  return roomId * IDS_A_ROOM + n;
}

/** Starts it and publishes as a gateway would; resolves when every message is stored. */
export async function openChatWithHistory(config: BenchContext, size: ChatSize): Promise<ChatWithHistory> {
  const roomIds = consecutive(size.roomCount);
  const members = consecutive(size.userCount).map((userId) => ({ userId, roomId: roomOf(userId, size) }));
  const { database, kafka, start, stop } = await openChat(config, { roomIds, members });
  try {
    await publishMessages(kafka, size);
    await start('message-persister');
    await eventually(() => requireStored(database, size), { deadlineMs: STORED_DEADLINE_MS });
    return { gateway: await start('ws-gateway'), database, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Message by message through all rooms, so that rooms lie mixed in the log. */
async function publishMessages(kafka: KafkaUnderTest, { roomCount, messagesARoom }: ChatSize): Promise<void> {
  const { publisher, close } = await openPublisher(kafka, PARTITIONS);
  for (let n = 1; n <= messagesARoom; n++) {
    const rooms = Array.from({ length: roomCount }, (_, index) => asRoomId(index + 1));
    await Promise.all(
      rooms.map((roomId) => {
        const id = asMessageId(messageIdOf(roomId, n));
        const message = { id, senderId: asUserId(1), roomId, content: CONTENT, type: 'GROUP', timestamp: AT } as const;
        return publisher.publish('chat-messages', roomId, message, { id: String(id), source: 'bench', time: AT });
      }),
    );
  }
  await close();
}

async function requireStored(database: DatabaseUnderTest, { roomCount, messagesARoom }: ChatSize): Promise<void> {
  const [row] = await database.query<{ count: string }>('SELECT count(*) FROM messages');
  if (Number(row?.count) !== roomCount * messagesARoom) throw new Error(`only ${row?.count} messages are stored`);
}
