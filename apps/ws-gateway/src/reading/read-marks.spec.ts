import { asRoomId, asUserId, type LogPosition, type ReceiptDTO } from '@chat/dto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MARKS_PER_RECORD, READ_GATHER_MS } from '../limits.ts';
import { ReadMarks } from './read-marks.ts';

const [lobby, hall] = [asRoomId(7), asRoomId(8)];
const [bob, carol] = [asUserId(2), asUserId(3)];
const at = (offset: number, epoch = 3): LogPosition => ({ epoch, partition: 4, offset });

let told: ReceiptDTO[];
let answers: PromiseWithResolvers<void>[];
let marks: ReadMarks;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  answers = [];
  marks = new ReadMarks({
    publish: (receipt) => {
      told.push(receipt);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    },
    clock: { now: () => 0 },
  });
});
afterEach(() => void vi.useRealTimers());

const gather = () => vi.advanceTimersByTimeAsync(READ_GATHER_MS);
const acknowledge = () => answers.splice(0).forEach(({ resolve }) => resolve());
const marksOf = (receipt: ReceiptDTO | undefined) =>
  receipt?.marks.map(({ userId, kind, position }) => `${userId} ${kind} ${position.epoch}/${position.offset}`);

describe('marks of reading', () => {
  it('go at once where nothing of their room is under way, and are told once Kafka has them', async () => {
    let isTold = false;
    void marks.publish(lobby, bob, at(5)).then(() => (isTold = true));
    void marks.publish(hall, bob, at(6));
    expect(told.map(({ roomId }) => roomId)).toEqual([lobby, hall]);
    expect(marksOf(told[0])).toEqual(['2 READ 3/5']);
    await gather();
    expect(isTold).toBe(false);
    acknowledge();
    await gather();
    expect(isTold).toBe(true);
  });

  it('of one room go together after that, of each user the last in the log', async () => {
    const first = marks.publish(lobby, bob, at(5));
    const others = [
      marks.publish(lobby, carol, at(9, 2)),
      marks.publish(lobby, bob, at(8)),
      marks.publish(lobby, bob, at(7)),
      marks.publish(lobby, carol, at(1)),
    ];
    acknowledge();
    expect(told).toHaveLength(1);
    await gather();
    expect(told).toHaveLength(2);
    expect(marksOf(told[1])?.sort()).toEqual(['2 READ 3/8', '3 READ 3/1']);
    acknowledge();
    await Promise.all([first, ...others]);
  });

  it('wait for those before them', async () => {
    void marks.publish(lobby, bob, at(5));
    void marks.publish(lobby, bob, at(6));
    await gather();
    expect(told).toHaveLength(1);
    acknowledge();
    await gather();
    expect(told).toHaveLength(2);
  });

  it('that Kafka does not take are refused, all that went together, and do not hold up the next', async () => {
    const first = marks.publish(lobby, bob, at(5));
    const second = marks.publish(lobby, carol, at(5));
    answers.shift()?.reject(new Error('Kafka does not answer'));
    await expect(first).rejects.toThrow('Kafka');
    await gather();
    acknowledge();
    await second;
  });

  it('are divided where one record cannot carry them', async () => {
    const all = Array.from({ length: MARKS_PER_RECORD + 2 }, (_, n) => marks.publish(lobby, asUserId(n + 1), at(5)));
    for (let round = 0; round < 3; round += 1) {
      acknowledge();
      await gather();
    }
    expect(told.map((receipt) => receipt.marks.length)).toEqual([1, MARKS_PER_RECORD, 1]);
    acknowledge();
    await Promise.all(all);
  });
});
