import { asRoomId, asUserId, SessionEventDTOSchema, type SessionEventDTO } from '@chat/dto';
import { createLogger } from '@chat/service-kit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpenSession } from '../broker/gateway.ts';
import { SEEN_REPORTS } from '../limits.ts';
import { SeenReports } from './seen-reports.ts';
import { SessionAnnouncer } from './session-announcer.ts';
import { SessionTabs } from './session-tabs.ts';

const [lobby, hall] = [asRoomId(7), asRoomId(8)];
const ROUND_MS = SEEN_REPORTS.turns * SEEN_REPORTS.turnMs;

let told: SessionEventDTO[];
let isDown: boolean;
let tabs: SessionTabs;
let reports: SeenReports;

beforeEach(async () => {
  vi.useFakeTimers({ now: 0 });
  told = [];
  isDown = false;
  const options = {
    publish: async (event: SessionEventDTO) => {
      if (isDown) throw new Error('Kafka does not answer');
      if (event.seen !== undefined) told.push(SessionEventDTOSchema.parse(event));
    },
    gatewayId: () => 'g1',
    clock: { now: () => Date.now() },
    logger: createLogger('test', { level: 'silent', instanceId: 'test' }),
  };
  tabs = new SessionTabs(new SessionAnnouncer(options));
  reports = new SeenReports({ tabs, ...options });
  await reports.start();
});
afterEach(async () => {
  await reports.stop();
  vi.useRealTimers();
});

function open(userId: number): OpenSession {
  const session = { sessionId: `s${userId}`, userId: asUserId(userId) } as OpenSession; // tabs ask for no more
  tabs.opened(session);
  return session;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const seen = () => told.flatMap((event) => event.seen?.map(({ userId, roomIds }) => `${userId} in ${roomIds}`) ?? []);

describe('reports of what is open', () => {
  it('come of each session with an open room, again and again, the first not at once', async () => {
    const ann = open(1);
    open(2);
    tabs.entered(ann, lobby);
    tabs.entered(ann, hall);
    await pass(ROUND_MS - 1);
    expect(told).toEqual([]);
    await pass(1);
    expect(told).toEqual([
      {
        ...{ userId: 1, sessionId: 's1', gatewayId: 'g1', event: 'OPENED', activeRoomId: 8 },
        ...{ seen: [{ userId: 1, roomIds: [7, 8] }], at: '1970-01-01T00:00:25.000Z' },
      },
    ]);
    tabs.exited(ann, hall);
    await pass(ROUND_MS);
    expect(seen()).toEqual(['1 in 7,8', '1 in 7']);
  });

  it('are spread over the round, and those of a turn go together', async () => {
    const sessions = [1, 2, 3].map(open);
    for (const session of sessions.slice(0, 2)) tabs.entered(session, lobby);
    await pass(3 * SEEN_REPORTS.turnMs);
    for (const session of sessions.slice(2)) tabs.entered(session, lobby);
    await pass(ROUND_MS);
    expect(told.map((event) => [event.at, event.seen?.length])).toEqual([
      ['1970-01-01T00:00:25.000Z', 2],
      ['1970-01-01T00:00:28.000Z', 1],
    ]);
  });

  it('are divided where they are of too many rooms', async () => {
    const rooms = Array.from({ length: SEEN_REPORTS.roomsPerRecord / 2 }, (_, n) => asRoomId(n + 1));
    for (const session of [1, 2, 3].map(open)) for (const roomId of rooms) tabs.entered(session, roomId);
    await pass(ROUND_MS);
    expect(told.map((event) => event.seen?.length)).toEqual([2, 1]);
  });

  it('end with the session, and with its last open room', async () => {
    const [ann, bob] = [open(1), open(2)];
    for (const session of [ann, bob]) tabs.entered(session, lobby);
    tabs.ended(ann, 'LOST');
    tabs.unsubscribed(bob, lobby);
    await pass(2 * ROUND_MS);
    expect(told).toEqual([]);
  });

  it('that Kafka does not take are left to the next', async () => {
    tabs.entered(open(1), lobby);
    isDown = true;
    await pass(ROUND_MS);
    isDown = false;
    await pass(ROUND_MS);
    expect(seen()).toEqual(['1 in 7']);
  });
});
