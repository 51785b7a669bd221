import { openTimeline, ticksOf, type ConnectionState, type ObservedFrame } from '@chat/client';
import { createToken, eventually, openTcpProxy } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { collect, useSdkClients } from './sdk-clients.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const open = useSdkClients(chat);

async function twoInARoom() {
  const [ann, ben] = [newPerson('ann'), newPerson('ben')];
  const roomId = await chat.createRoomOf(ann, ben);
  return { ann, ben, roomId, ofAnn: open(ann, 0).client, ofBen: open(ben, 1).client };
}

const proxyOf = (url: string) => {
  const { hostname, port } = new URL(url);
  return openTcpProxy({ host: hostname, port: Number(port) });
};

describe('the SDK', () => {
  it('brings what is sent to who is at the other gateway, and the promise of a send names the message', async () => {
    const { ann, roomId, ofAnn, ofBen } = await twoInARoom();
    const [atAnn, atBen] = [collect(ofAnn, roomId), collect(ofBen, roomId)];
    await Promise.all([ofAnn.whenConnected(), ofBen.whenConnected()]);
    expect(ofAnn.userId).toBe(ann.id);
    await eventually(() => expect(atBen.open.state.get().name).toBe('live'));
    const sent = await Promise.all(['one', 'two', 'three'].map((text) => ofAnn.room(roomId).send(marked(text))));
    const persisted = await ofBen.room(roomId).send(marked('stored'), { persisted: true });
    await eventually(() => expect(atAnn.ids()).toEqual([...sent, persisted]));
    await eventually(() => expect(atBen.ids()).toEqual([...sent, persisted]));
    const { value: page } = await ofAnn.room(roomId).history().next();
    expect((page ?? []).map(({ id }: { id: number }) => id)).toEqual([...sent, persisted]);
  });

  it('resumes at the other gateway without a gap, and sends what was said meanwhile, in order', async () => {
    const { ann, roomId, ofBen } = await twoInARoom();
    const [one, other] = [await proxyOf(chat.addresses.wsUrls[0]), await proxyOf(chat.addresses.wsUrls[1])];
    other.cut();
    const gatewayUrl = [one, other].map(({ host, port }) => `ws://${host}:${port}/ws`);
    const { client } = open(ann, 0, { gatewayUrl, limits: { backoffMaxMs: 500 } });
    const states: ConnectionState['name'][] = [];
    client.connection.subscribe(({ name }) => states.push(name));
    const atAnn = collect(client, roomId);
    await eventually(() => expect(atAnn.open.state.get().name).toBe('live'));
    const first = await ofBen.room(roomId).send(marked('first'));
    await eventually(() => expect(atAnn.ids()).toEqual([first]));

    one.cut();
    await eventually(() => expect(client.connection.get().name).toBe('recovering'));
    const missed: number[] = [];
    for (let at = 0; at < 5; at += 1) missed.push(await ofBen.room(roomId).send(marked(`missed ${at}`)));
    const queued = [0, 1, 2].map((at) => client.room(roomId).send(marked(`queued ${at}`)));
    other.mend();
    const own = await Promise.all(queued);
    await eventually(() => expect(atAnn.ids()).toEqual([first, ...missed, ...own]));
    expect(client.connection.get()).toMatchObject({ name: 'connected', gatewayUrl: gatewayUrl[1] });
    expect(atAnn.gaps).toEqual([]);
    expect([...new Set(states)]).toEqual(['connecting', 'connected', 'recovering']);
    await Promise.all([one.close(), other.close()]);
  });

  it('reads from the history what is more than the gateway brings, and says what that cannot tell', async () => {
    const { ann, roomId, ofBen } = await twoInARoom();
    const proxy = await proxyOf(chat.addresses.wsUrls[0]);
    const { client } = open(ann, 0, {
      gatewayUrl: `ws://${proxy.host}:${proxy.port}/ws`,
      limits: { backoffMaxMs: 500 },
    });
    const atAnn = collect(client, roomId);
    await eventually(() => expect(atAnn.open.state.get().name).toBe('live'));
    const first = await ofBen.room(roomId).send(marked('first'));
    await eventually(() => expect(atAnn.ids()).toEqual([first]));
    proxy.cut();
    const writer = await chat.connect(await chat.newMember(roomId), 1);
    const missed = await Promise.all(
      Array.from({ length: 1_001 }, (_, at) => writer.sendMessage(roomId, marked(`${at}`))),
    );
    proxy.mend();
    await eventually(() => expect(atAnn.open.state.get().name).toBe('live'), { deadlineMs: 20_000 });
    const live = await ofBen.room(roomId).send(marked('live'));
    await eventually(() => expect(atAnn.ids().at(-1)).toBe(live));
    expect(atAnn.ids()).toEqual([first, ...missed.map(Number), live]);
    expect(atAnn.gaps).toEqual(['changes: What was missed was read from the history.']);
    await proxy.close();
  });

  it('renews its token in the open session, which outlives the first one', async () => {
    const { ann, roomId, ofBen } = await twoInARoom();
    const lives = [4, 60, 60, 60];
    const reasons: string[] = [];
    const frames: ObservedFrame[] = [];
    const { client, errors } = open(ann, 0, {
      getToken: ({ reason }) => {
        reasons.push(reason);
        return createToken({
          userId: ann.id,
          secret: chat.addresses.jwtSecret,
          expiresInSeconds: lives[reasons.length - 1] ?? 60,
        });
      },
      onFrame: (frame) => frames.push(frame),
    });
    const states: string[] = [];
    await client.whenConnected();
    client.connection.subscribe(({ name }) => states.push(name));
    const connectedAt = Date.now();
    await eventually(() => expect(reasons).toEqual(['connect', 'expiring']));
    await eventually(() => expect(Date.now() - connectedAt).toBeGreaterThan(5_000), { deadlineMs: 8_000 });
    const atBen = collect(ofBen, roomId);
    await eventually(() => expect(atBen.open.state.get().name).toBe('live'));
    const id = await client.room(roomId).send(marked('still here'));
    await eventually(() => expect(atBen.ids()).toEqual([id]));
    expect(states).toEqual([]);
    expect(errors).toEqual([]);
    const refresh = frames.find(({ headers }) => headers['destination'] === '/app/auth.refresh');
    expect(refresh).toMatchObject({ direction: 'out', command: 'SEND', body: '[hidden]' });
    expect(JSON.stringify(frames)).not.toMatch(/Bearer|eyJ/);
  });

  it('is closed for good with a token that the gateway does not take, after it has asked for another one', async () => {
    const reasons: string[] = [];
    const { client } = open(newPerson('eve'), 0, {
      getToken: ({ reason }) => {
        reasons.push(reason);
        return createToken({ userId: 1, secret: 'another secret of more than thirty-two bytes' });
      },
    });
    await expect(client.whenConnected()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(client.connection.get()).toMatchObject({ name: 'closed', reason: 'unauthenticated' });
    expect(reasons).toEqual(['connect', 'refused']);
    await expect(client.room(1).send('hello')).rejects.toMatchObject({ code: 'CLOSED', retryable: false });
  });

  it('rejects a refused send and opens no room to a stranger, and the session lives', async () => {
    const { roomId, ofAnn } = await twoInARoom();
    const { client } = open(newPerson('eve'), 1);
    const atEve = collect(client, roomId);
    await expect(client.room(roomId).send('let me in')).rejects.toMatchObject({
      name: 'ChatClientError',
      code: 'NOT_A_MEMBER',
      retryable: false,
    });
    await eventually(() =>
      expect(atEve.open.state.get()).toMatchObject({ name: 'refused', error: { code: 'NOT_A_MEMBER' } }),
    );
    expect(client.connection.get().name).toBe('connected');
    await expect(ofAnn.room(roomId).edit(1, 'x')).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
  });

  it('tells who is there and who types', async () => {
    const { ann, ben, roomId, ofAnn, ofBen } = await twoInARoom();
    const [presence, typists] = [ofAnn.room(roomId).presence(), ofAnn.room(roomId).typists];
    presence.subscribe(() => {});
    typists.subscribe(() => {});
    await eventually(() => {
      const { users, onlineCount, isComplete, isStale } = presence.get();
      expect([ann, ben].map(({ id }) => users.get(id)?.isOnline)).toEqual([true, true]);
      expect({ onlineCount, isComplete, isStale }).toEqual({ onlineCount: 2, isComplete: true, isStale: false });
    });
    ofBen.room(roomId).typing();
    ofBen.room(roomId).typing();
    await eventually(() => expect(typists.get()).toEqual({ userIds: [ben.id], count: 1 }));
    ofBen.room(roomId).typing(false);
    await eventually(() => expect(typists.get().count).toBe(0));
    await ofBen.close();
    await eventually(() => expect(presence.get().users.get(ben.id)?.isOnline).toBe(false));
    expect(presence.get().onlineCount).toBe(1);
  });

  it('draws ticks up to READ, and counts what is unread', async () => {
    const { ann, roomId, ofAnn, ofBen } = await twoInARoom();
    const timeline = openTimeline(ofAnn, roomId);
    const { receipts } = ofAnn.room(roomId);
    receipts.subscribe(() => {});
    ofBen.unread.subscribe(() => {});
    await eventually(() => expect(ofBen.unread.get().total).toBe(0));
    await eventually(() => expect(timeline.get().room.name).toBe('live'));
    const ids = [await ofAnn.room(roomId).send(marked('one')), await ofAnn.room(roomId).send(marked('two'))];
    await eventually(() => expect(ofBen.unread.get()).toEqual({ total: 2, byRoom: new Map([[roomId, 2]]) }));
    const atBen = collect(ofBen, roomId, { since: 0 });
    await eventually(() => expect(atBen.ids()).toEqual(ids));
    await ofBen.room(roomId).markRead(ids.at(-1) ?? 0);
    await eventually(() => expect(ofBen.unread.get().total).toBe(0));
    await eventually(() => {
      const ticks = ticksOf(timeline.get().messages, receipts.get(), ann.id);
      expect(ticks).toEqual(new Map(ids.map((id) => [id, 'READ'])));
    });
    timeline.close();
  });

  it('shows a room with its edits, deletions and reactions as the history has it', async () => {
    const { roomId, ofAnn, ofBen } = await twoInARoom();
    const [room, other] = [ofAnn.room(roomId), ofBen.room(roomId)];
    const timeline = openTimeline(ofBen, roomId);
    const [first, second] = [await room.send(marked('first')), await room.send(marked('second'))];
    await room.edit(first, marked('first, better'));
    await room.remove(second);
    await other.react(first, '👍');
    await room.react(first, '👍');
    await room.unreact(first, '👍');
    const shown = [
      { id: first, content: marked('first, better'), reactions: [{ content: '👍', count: 1, isOwn: true }] },
      { id: second, content: '', reactions: [] },
    ];
    await eventually(() => expect(timeline.get().messages).toMatchObject(shown));
    const late = openTimeline(ofBen, roomId, { history: 1 });
    await eventually(() => expect(late.get().messages.map(({ id }) => id)).toEqual([second]));
    await eventually(async () => {
      await late.loadOlder();
      expect(late.get().messages).toMatchObject(shown);
    });
    expect(late.get().hasOlder).toBe(false);
    timeline.close();
    late.close();
  });
});
