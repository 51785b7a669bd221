import { asRoomId, asUserId, type ReceiptDTO } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { HISTORY_MARKS_MAX_COUNT } from '../limits.ts';
import { HistoryMarks } from './history-marks.ts';

const [roomId, ann] = [asRoomId(7), asUserId(1)];
const upTo = (offset: number, unbrokenFrom = 0) => ({ position: { epoch: 2, partition: 3, offset }, unbrokenFrom });

let told: ReceiptDTO[];
let isDown: boolean;
let marks: HistoryMarks;

beforeEach(() => {
  told = [];
  isDown = false;
  marks = new HistoryMarks({
    publish: async (receipt) => {
      if (isDown) throw new Error('Kafka does not answer');
      told.push(receipt);
    },
    clock: { now: () => 0 },
    logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
  });
});

describe('marks of delivery by history', () => {
  it('are told of each page that goes further than the one before, forwards or backwards', async () => {
    for (const page of [upTo(9, 5), upTo(9, 5), upTo(8, 6), upTo(9, 2), upTo(12, 9)]) {
      await marks.delivered(roomId, ann, page);
    }
    expect(told.map((receipt) => receipt.marks)).toEqual([
      [{ userId: ann, kind: 'DELIVERED', ...upTo(9, 5) }],
      [{ userId: ann, kind: 'DELIVERED', ...upTo(9, 2) }],
      [{ userId: ann, kind: 'DELIVERED', ...upTo(12, 9) }],
    ]);
  });

  it('are told with the next page where they could not be told', async () => {
    isDown = true;
    await marks.delivered(roomId, ann, upTo(9));
    isDown = false;
    await marks.delivered(roomId, ann, upTo(9));
    expect(told).toHaveLength(1);
  });

  it('are remembered of so many readers', async () => {
    await marks.delivered(roomId, ann, upTo(9));
    for (let n = 0; n < HISTORY_MARKS_MAX_COUNT; n += 1) await marks.delivered(roomId, asUserId(100 + n), upTo(9));
    told.length = 0;
    await marks.delivered(roomId, asUserId(101), upTo(9));
    expect(told).toHaveLength(0);
    await marks.delivered(roomId, ann, upTo(9));
    expect(told).toHaveLength(1);
  });
});
