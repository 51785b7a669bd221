import type { MessageDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ROOMS, type GatewayIndex } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson, type Person } from './clients/person.ts';
import { RefusedError, type OpenSubscription, type StompSession } from './clients/stomp-session.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

/** A removal takes effect on open sockets this soon, in ms. */
const EFFECTIVE_WITHIN_MS = 1_000;
/** Who talks, and how often each, in ms: 200 messages a second together, half of them by each gateway. */
const [TALKERS, EACH_MS] = [20, 100];
const topicOf = (roomId: number) => `/topic/chat_rooms/${roomId}`;

/** Members who talk until they are told to stop; resolves once all is answered. */
async function traffic(roomId: number): Promise<() => Promise<void>> {
  const sending: Promise<unknown>[] = [];
  const sessions = await Promise.all(
    Array.from(
      { length: TALKERS },
      async (_, index) => chat.connect(await chat.newMember(roomId), (index % 2) as GatewayIndex), // a number modulo 2
    ),
  );
  const timers = sessions.map((session, index) =>
    setInterval(() => sending.push(session.sendMessage(roomId, marked(`${index}`))), EACH_MS),
  );
  const stop = async () => {
    for (const timer of timers) clearInterval(timer);
    await Promise.all(sending);
  };
  onTestFinished(stop);
  return stop;
}

/** The order of the room's log, and where in it the user was removed. */
async function logOf(roomId: number, { id: userId }: Person) {
  const records = (await chat.readLog('chat-messages')).filter(({ key }) => key === String(roomId));
  const messages = records.map(({ value }) => JSON.parse(String(value)) as MessageDTO); // the contract of the topic
  const cut = messages.findLastIndex(({ system }) => system?.event === 'MEMBER_REMOVED' && system.userId === userId);
  return { messages, cut, idsBehind: new Set(messages.slice(cut + 1).map(({ id }) => String(id))) };
}

const idOf = ({ headers }: OpenSubscription['messages'][number]) => headers['message-id'] ?? '';

/** What became of it. */
interface Returns {
  readonly got: OpenSubscription['messages'][number][];
  count: number;
  refusals: number;
}

/** Comes back again and again with what was seen last, so that at any time a subscription is held while it is replayed. */
async function comeBackOnAndOn(
  session: StompSession,
  { roomId, room, returns }: { roomId: number; room: OpenSubscription; returns: Returns },
  until: () => boolean,
): Promise<void> {
  const { got } = returns;
  while (!until()) {
    const since = [...got, ...room.messages].map(idOf).at(-1) ?? '0';
    try {
      const again = await session.subscribe(topicOf(roomId), { since });
      await again.unsubscribe().finally(() => got.push(...again.messages)); // from then on it gets nothing
      returns.count += 1;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      returns.refusals += 1;
    }
  }
}

describe('a removal from a room in which 200 messages a second are sent', () => {
  it.each(['removed', 'banned', 'left'] as const)(
    'is a cut: nothing behind it in the log reaches who was %s, on no gateway, live or replayed, and within 1 s',
    async (how) => {
      const [ann, eve] = [newPerson('ann'), newPerson('eve')];
      const roomId = await chat.createRoomOf(ann, eve);
      const stop = await traffic(roomId);
      const sessions = await Promise.all([0, 1, 0, 1].map((gateway) => chat.connect(eve, gateway as GatewayIndex)));
      const rooms = await Promise.all(sessions.map((session) => session.subscribe(topicOf(roomId))));
      const ofAnn = await (await chat.connect(ann, 0)).subscribe(topicOf(roomId));
      await eventually(() => {
        for (const room of rooms) expect(room.messages.length).toBeGreaterThan(100);
      });
      let isOver = false;
      const returned = sessions.slice(2).map((): Returns => ({ got: [], count: 0, refusals: 0 }));
      const returning = returned.map((returns, index) => {
        const [session, room] = [sessions[index + 2], rooms[index]];
        if (session === undefined || room === undefined) throw new Error('four sessions, four subscriptions');
        return comeBackOnAndOn(session, { roomId, room, returns }, () => isOver);
      });
      await eventually(() => {
        for (const { count } of returned) expect(count).toBeGreaterThan(5);
      });

      const removedAt = performance.now();
      const member = `${ROOMS}/${roomId}/members/${eve.id}`;
      const { status } =
        how === 'banned'
          ? await chat.as(ann).put(`${ROOMS}/${roomId}/bans/${eve.id}`, {})
          : await chat.as(how === 'left' ? eve : ann).delete(member);
      expect(status).toBeLessThan(300);
      const before = ofAnn.messages.length;
      await eventually(() => expect(ofAnn.messages.length).toBeGreaterThan(before + 400));
      isOver = true;
      await Promise.all(returning);
      await stop();

      const { messages, cut, idsBehind } = await logOf(roomId, eve);
      expect(messages[cut]?.system?.cause).toBe({ removed: 'REMOVED', banned: 'BANNED', left: 'LEFT' }[how]);
      expect(idsBehind.size).toBeGreaterThan(200);
      const received = [...rooms.flatMap((room) => room.messages), ...returned.flatMap(({ got }) => got)];
      expect(received.map(idOf).filter((id) => idsBehind.has(id))).toEqual([]);
      const effectiveMs = Math.max(...received.map(({ at }) => at)) - removedAt;
      expect(effectiveMs).toBeLessThan(EFFECTIVE_WITHIN_MS);
      process.stdout.write(`nothing more reached who was ${how} after ${Math.max(0, Math.round(effectiveMs))} ms\n`);
      for (const { refusals } of returned) expect(refusals).toBeGreaterThan(0);
      for (const session of sessions) expect(session.isConnected).toBe(true);
    },
    60_000,
  );

  it('is a message for those who stay, and in the history, at the same place', async () => {
    const [ann, eve] = [newPerson('ann'), newPerson('eve')];
    const roomId = await chat.createRoomOf(ann, eve);
    const session = await chat.connect(ann, 0);
    const room = await session.subscribe(topicOf(roomId));
    await session.sendMessage(roomId, marked('before'));
    await chat.as(ann).delete(`${ROOMS}/${roomId}/members/${eve.id}`);
    await eventually(() => expect(room.messages).toHaveLength(2));
    await session.sendMessage(roomId, marked('behind'));
    await eventually(() => expect(room.messages).toHaveLength(3));
    const [, notice] = room.bodies<MessageDTO>();
    expect(notice).toMatchObject({
      senderId: ann.id,
      kind: 'SYSTEM',
      system: { event: 'MEMBER_REMOVED', userId: eve.id, cause: 'REMOVED' },
    });
    await eventually(async () => {
      const history = await chat.as(ann).get<{ items: MessageDTO[] }>(`${ROOMS}/${roomId}/messages`);
      expect(history.body.items).toEqual(room.bodies<MessageDTO>());
    });
    const { body } = await chat.as(ann).get<{ total: number }>(`${ROOMS}/unread`);
    expect(body.total).toBe(0);
    const again = await (await chat.connect(ann, 1)).subscribe(topicOf(roomId), { since: '0' });
    expect(again.bodies<MessageDTO>()[1]).toEqual(notice);
  });

  it('does not stand in the way of who comes back: all of the room is there again', async () => {
    const [ann, eve] = [newPerson('ann'), newPerson('eve')];
    const roomId = await chat.createRoomOf(ann, eve);
    const [ofAnn, ofEve] = await Promise.all([chat.connect(ann, 0), chat.connect(eve, 1)]);
    for (let turn = 0; turn < 10; turn += 1) {
      await chat.as(ann).delete(`${ROOMS}/${roomId}/members/${eve.id}`);
      await chat.join(eve, roomId);
      // a SUBSCRIBE that is faster than the word of the removal is taken away by it, and she is told: she subscribes again
      await eventually(async () => {
        const room = await ofEve.subscribe(topicOf(roomId), { since: '0' });
        const id = await ofAnn.sendMessage(roomId, marked(`turn ${turn}`));
        await eventually(
          () => {
            expect(room.messages.map(idOf)).toContain(id);
            expect(room.bodies<MessageDTO>().filter(({ kind }) => kind === 'SYSTEM')).toHaveLength(turn + 1);
          },
          { deadlineMs: EFFECTIVE_WITHIN_MS },
        );
      });
    }
  });
});
