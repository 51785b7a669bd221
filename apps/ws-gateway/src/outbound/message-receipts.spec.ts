import { asRoomId, asUserId, type ReceiptDTO } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { MessageReceiptsConsumer } from './message-receipts.ts';

const [lobby, hall] = [asRoomId(7), asRoomId(8)];
const position = { epoch: 1, partition: 0, offset: 5 };

function recordOf(roomId: number, receipt: Partial<ReceiptDTO>) {
  const value = { roomId, marks: [], at: '2026-01-02T03:04:05Z', ...receipt };
  return { key: Buffer.from(String(roomId)), value: Buffer.from(JSON.stringify(value)) };
}

describe('message-receipts', () => {
  it('tell the devices of who has read, by himself or in a group, in rooms that somebody here is notified of', () => {
    const marked: number[] = [];
    const read: string[] = [];
    const consumer = new MessageReceiptsConsumer({
      teller: { marked: (roomId) => void marked.push(roomId) },
      notifications: {
        isNotified: (roomId) => roomId === lobby,
        noteRead: (roomId, userId, { offset }) => void read.push(`${userId} in ${roomId} up to ${offset}`),
      },
      logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
    });
    consumer.consume([
      recordOf(lobby, {
        marks: [
          { userId: asUserId(1), kind: 'READ', position },
          { userId: asUserId(2), kind: 'DELIVERED', position },
        ],
        groups: [
          { kind: 'READ', position, userIds: [3, 4].map(asUserId) },
          { kind: 'DELIVERED', position, userIds: [5, 6].map(asUserId), unbrokenFrom: [0, 0] },
        ],
      }),
      recordOf(hall, { marks: [{ userId: asUserId(1), kind: 'READ', position }] }),
    ]);
    expect(read).toEqual(['1 in 7 up to 5', '3 in 7 up to 5', '4 in 7 up to 5']);
    expect(marked).toEqual([lobby, hall]);
  });
});
