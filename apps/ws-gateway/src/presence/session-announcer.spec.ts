import { asRoomId, asUserId, type SessionEventDTO } from '@chat/dto';
import { ChatError, createLogger } from '@chat/service-kit';
import { describe, expect, it, vi } from 'vitest';
import { SessionAnnouncer } from './session-announcer.ts';

const logger = createLogger('test', { level: 'silent', instanceId: 'test' });
const session = { userId: asUserId(1), sessionId: 's1', activeRoomId: null };
const [seven, eight] = [asRoomId(7), asRoomId(8)];

function announcing(publish: (event: SessionEventDTO) => Promise<unknown>) {
  return new SessionAnnouncer({ publish, gatewayId: () => 'g1', clock: { now: () => 0 }, logger });
}

describe('the session announcer', () => {
  it('tells of one session in order, and merges what changes while an event is on its way', async () => {
    const first = Promise.withResolvers<void>();
    const published: SessionEventDTO[] = [];
    const announcer = announcing(
      (event) => (published.push(event), published.length === 1 ? first.promise : Promise.resolve()),
    );
    announcer.opened(session);
    announcer.opened({ ...session, activeRoomId: seven });
    announcer.opened({ ...session, activeRoomId: eight }, [seven]);
    announcer.ended(session, 'CLOSED', [eight]);
    expect(published.map(({ event }) => event)).toEqual(['OPENED']);
    first.resolve();
    await announcer.flush(1_000);
    expect(published).toHaveLength(2);
    expect(published[1]).toEqual({
      userId: 1,
      sessionId: 's1',
      gatewayId: 'g1',
      event: 'CLOSED',
      exitedRoomIds: [7, 8],
      at: '1970-01-01T00:00:00.000Z',
    });
  });

  it('tells that a room was seen which another one was opened on top of before anybody was told of it', async () => {
    const published: SessionEventDTO[] = [];
    const announcer = announcing((event) => (published.push(event), Promise.resolve()));
    for (const activeRoomId of [null, seven, seven, eight]) announcer.opened({ ...session, activeRoomId });
    await announcer.flush(1_000);
    expect(published.at(-1)).toMatchObject({ event: 'OPENED', activeRoomId: 8, exitedRoomIds: [7] });
  });

  it('tells of one at once, and of those who come in the moment after it together', async () => {
    vi.useFakeTimers();
    const published: string[] = [];
    const announcer = announcing((event) => (published.push(event.sessionId), Promise.resolve()));
    for (const sessionId of ['s1', 's2', 's3', 's2']) announcer.opened({ ...session, sessionId });
    expect(published).toEqual(['s1']);
    await vi.advanceTimersByTimeAsync(49);
    expect(published).toEqual(['s1']);
    await vi.advanceTimersByTimeAsync(1);
    expect(published).toEqual(['s1', 's2', 's3']);
    await vi.advanceTimersByTimeAsync(1_000);
    announcer.opened({ ...session, sessionId: 's4' });
    expect(published).toEqual(['s1', 's2', 's3', 's4']);
    vi.useRealTimers();
  });

  it('tells of many exits in events of bounded size, in linear time, and of the end in the last', async () => {
    const first = Promise.withResolvers<void>();
    const published: SessionEventDTO[] = [];
    const announcer = announcing(
      (event) => (published.push(event), published.length === 1 ? first.promise : Promise.resolve()),
    );
    announcer.opened(session);
    for (let roomId = 1; roomId <= 20_000; roomId += 1) announcer.opened(session, [asRoomId(roomId)]);
    announcer.ended(session, 'CLOSED', []);
    first.resolve();
    await announcer.flush(5_000);
    expect(published.map(({ event }) => event).filter((event) => event !== 'OPENED')).toEqual(['CLOSED']);
    expect(published.at(-1)?.event).toBe('CLOSED');
    expect(Math.max(...published.map(({ exitedRoomIds = [] }) => exitedRoomIds.length))).toBe(500);
    expect(new Set(published.flatMap(({ exitedRoomIds = [] }) => exitedRoomIds)).size).toBe(20_000);
  });

  it('gives up on an event that Kafka refuses for good', async () => {
    const publish = vi.fn().mockRejectedValue(new ChatError('BODY_TOO_LARGE'));
    const announcer = announcing(publish);
    announcer.opened(session);
    await announcer.flush(1_000);
    expect(publish).toHaveBeenCalledTimes(1);
  });

  it('tries until Kafka acknowledges', async () => {
    vi.useFakeTimers();
    const publish = vi
      .fn()
      .mockRejectedValueOnce(new Error('down'))
      .mockRejectedValueOnce(new Error('down'))
      .mockResolvedValue(null);
    const announcer = announcing(publish);
    announcer.ended(session, 'LOST', []);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(publish).toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });

  it.each([
    ['refuses', () => Promise.reject(new Error('down'))],
    ['does not answer', () => new Promise(() => {})],
  ])('gives up at the deadline of a flush, so that a stop ends while Kafka %s', async (_, publish) => {
    const announcer = announcing(publish);
    announcer.ended(session, 'LOST', []);
    await expect(announcer.flush(20)).resolves.toBeUndefined();
  });
});
