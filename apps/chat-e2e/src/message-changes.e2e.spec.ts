import { MessageDTOSchema, type ErrorDTO, type HistoryMessageDTO, type MessageDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { refusalOf, ROOMS } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import type { Person } from './clients/person.ts';
import type { OpenSubscription, StompSession } from './clients/stomp-session.ts';
import { idsIn, roomOfTwo, STORED } from './room-of-two.ts';
import { expectShape, MESSAGE } from './shapes.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

type Headers = Readonly<Record<string, string>>;

/** A change of a message by the destination of its kind; resolves with the id of its own. */
async function change(session: StompSession, to: string, body: object, headers: Headers = {}): Promise<string> {
  const { 'message-id': id = '' } = await session.send(`/app/chat.${to}`, body, headers);
  expect(id).not.toBe('');
  return id;
}

const edit = (session: StompSession, roomId: number, targetId: string, content: string, headers: Headers = {}) =>
  change(session, `edit/${roomId}`, { targetId: Number(targetId), content }, headers);
const remove = (session: StompSession, roomId: number, targetId: string, headers: Headers = {}) =>
  change(session, `delete/${roomId}`, { targetId: Number(targetId) }, headers);
const react = (session: StompSession, roomId: number, targetId: string, content: string, removed?: true) =>
  change(session, `react/${roomId}`, { targetId: Number(targetId), content, ...(removed && { removed }) });

async function historyOf(person: Person, roomId: number, query = ''): Promise<readonly HistoryMessageDTO[]> {
  const { status, body } = await chat
    .as(person)
    .get<{ items: HistoryMessageDTO[] }>(`${ROOMS}/${roomId}/messages${query}`);
  if (status !== 200) throw new Error(`no history: ${status} ${JSON.stringify(body)}`);
  return body.items;
}

/** What the events say, of those that a subscription has got. */
const said = (room: OpenSubscription) =>
  room.bodies<MessageDTO>().map(({ kind = 'TEXT', content, targetId, removed }) => ({
    kind,
    content,
    ...(targetId !== undefined && { targetId: String(targetId) }),
    ...(removed !== undefined && { removed }),
  }));

describe('a message that is edited, deleted or reacted to', () => {
  it('is so live at both gateways, in one order, and in the history, where it stays at its place', async () => {
    const { ann, ben, roomId, ofAnn, ofBen, roomOfAnn, roomOfBen } = await roomOfTwo(chat);
    const [first, second] = [
      await ofAnn.sendMessage(roomId, marked('one')),
      await ofAnn.sendMessage(roomId, marked('two')),
    ];
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([first, second]));
    const ids = [
      await edit(ofAnn, roomId, first, marked('one, better')),
      await react(ofBen, roomId, first, '👍'),
      await react(ofAnn, roomId, first, '👍'),
      await react(ofBen, roomId, first, 'ok'),
      await react(ofBen, roomId, first, 'ok', true),
      await remove(ofAnn, roomId, second),
    ];
    for (const room of [roomOfAnn, roomOfBen]) {
      await eventually(() => expect(idsIn(room)).toEqual([first, second, ...ids]));
      expect(said(room).slice(2)).toEqual([
        { kind: 'EDIT', targetId: first, content: marked('one, better') },
        { kind: 'REACTION', targetId: first, content: '👍' },
        { kind: 'REACTION', targetId: first, content: '👍' },
        { kind: 'REACTION', targetId: first, content: 'ok' },
        { kind: 'REACTION', targetId: first, content: 'ok', removed: true },
        { kind: 'DELETE', targetId: second, content: '' },
      ]);
    }
    await eventually(async () => {
      const [one, two, ...others] = await historyOf(ben, roomId);
      expect(others).toEqual([]);
      expect(one).toMatchObject({ id: Number(first), senderId: ann.id, content: marked('one, better') });
      expect(one?.reactions).toEqual([{ content: '👍', count: 2, isOwn: true }]);
      expect(two).toMatchObject({ id: Number(second), content: '' });
      expectShape(one ?? {}, { ...MESSAGE, optional: ['editedAt', 'reactions'] });
      expectShape(two ?? {}, { ...MESSAGE, optional: ['deletedAt'] });
    }, STORED);
  });

  it('is neither unread nor a new message for that', async () => {
    const { ben, roomId, ofAnn } = await roomOfTwo(chat);
    const id = await ofAnn.sendMessage(roomId, marked('one'));
    await edit(ofAnn, roomId, id, marked('two'));
    await react(ofAnn, roomId, id, '👍');
    await eventually(async () => {
      const { body } = await chat.as(ben).get<{ content: { id: number }[] }>(`${ROOMS}/user`);
      const lastMessage = { id: Number(id), content: marked('two'), editedAt: expect.any(String) };
      expect(body.content.find((room) => room.id === roomId)).toMatchObject({ unreadCount: 1, lastMessage });
    }, STORED);
    expect(await chat.query('SELECT max(seq)::int AS seq FROM messages WHERE room_id = $1', [roomId])).toEqual([
      { seq: 1 },
    ]);
  });

  it('comes to a client that resumes as the events, in their place, and again from one of them on', async () => {
    const { ann, roomId, ofAnn, ofBen, roomOfAnn } = await roomOfTwo(chat);
    const seen = await ofBen.sendMessage(roomId, marked('one'));
    await eventually(() => expect(idsIn(roomOfAnn)).toEqual([seen]));
    ofAnn.cut();
    const edited = await edit(ofBen, roomId, seen, marked('two'));
    const next = await ofBen.sendMessage(roomId, marked('next'));
    const reacted = await react(ofBen, roomId, seen, '👍', true);
    const deleted = await remove(ofBen, roomId, seen);
    await eventually(async () => expect((await historyOf(ann, roomId, ''))[0]).toHaveProperty('deletedAt'), STORED);
    const back = await chat.connect(ann, 1);
    const room = await back.subscribe(`/topic/chat_rooms/${roomId}`, { since: seen });
    expect(room.receiptHeaders['recovered']).toBe('true');
    expect(idsIn(room)).toEqual([edited, next, reacted, deleted]);
    expect(room.messages.map(({ headers }) => headers['prev'])).toEqual([seen, edited, next, reacted]);
    expect(said(room)).toEqual([
      { kind: 'EDIT', targetId: seen, content: '' }, // erased with what it changed
      { kind: 'TEXT', content: marked('next') },
      { kind: 'REACTION', targetId: seen, content: '👍', removed: true },
      { kind: 'DELETE', targetId: seen, content: '' },
    ]);
    const again = await (await chat.connect(ann, 0)).subscribe(`/topic/chat_rooms/${roomId}`, { since: reacted });
    expect(idsIn(again)).toEqual([deleted]);
    expect((await historyOf(ann, roomId, `?after=${edited}`)).map(({ id }) => String(id))).toEqual([next]);
  });

  it('comes with `history` behind the messages that are asked for', async () => {
    const { ann, roomId, ofBen } = await roomOfTwo(chat);
    const [first, second] = [
      await ofBen.sendMessage(roomId, marked('one')),
      await ofBen.sendMessage(roomId, marked('two')),
    ];
    const events = [await react(ofBen, roomId, first, '👍'), await edit(ofBen, roomId, second, marked('three'))];
    const room = await (await chat.connect(ann, 1)).subscribe(`/topic/chat_rooms/${roomId}`, { history: '1' });
    expect(idsIn(room)).toEqual([second, ...events]);
    expect(room.messages[0]?.headers['prev']).toBe(first);
  });

  it('is the same message under a client-message-id, however often that is sent, and anything else is refused', async () => {
    const { ann, roomId, ofAnn, ofBen, roomOfBen } = await roomOfTwo(chat);
    const id = await ofAnn.sendMessage(roomId, marked('one'));
    const other = await ofAnn.sendMessage(roomId, marked('other'));
    const key = { 'client-message-id': 'k' };
    const deleted = await remove(ofAnn, roomId, id, key);
    expect(await remove(ofAnn, roomId, id, { ...key, resend: 'true' })).toBe(deleted);
    const elsewhere = await chat.connect(ann, 1);
    expect(await remove(elsewhere, roomId, id, { ...key, resend: 'true' })).toBe(deleted);
    expect(await refusalOf(remove(ofAnn, roomId, other, key))).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    const last = await ofBen.sendMessage(roomId, marked('last'));
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([id, other, deleted, last]));
  });

  it('is changed by a transaction with everything else in it, or not at all', async () => {
    const { ann, roomId, ofAnn, ofBen, roomOfBen } = await roomOfTwo(chat);
    const [own, bens] = [
      await ofAnn.sendMessage(roomId, marked('one')),
      await ofBen.sendMessage(roomId, marked('ben’s')),
    ];
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([own, bens]));
    const begin = async (...frames: readonly (readonly [to: string, body: object])[]) => {
      const connection = await chat.openRaw(0);
      await connection.connect(ann.token);
      connection.sendFrame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors' });
      connection.sendFrame('BEGIN', { transaction: 't' });
      for (const [to, body] of frames) {
        const headers = { destination: `/app/chat.${to}/${roomId}`, transaction: 't' };
        connection.sendFrame('SEND', headers, JSON.stringify(body));
      }
      connection.sendFrame('COMMIT', { transaction: 't', receipt: 'commit' });
      return connection;
    };
    const refused = await begin(
      ['send', { content: marked('never seen') }],
      ['edit', { targetId: Number(bens), content: marked('not mine') }],
    );
    const refusal = JSON.parse((await refused.next('MESSAGE')).body) as ErrorDTO;
    const message = expect.stringMatching(/^Message 2 of the transaction: /);
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', message });
    const taken = await begin(
      ['edit', { targetId: Number(own), content: marked('two') }],
      ['react', { targetId: Number(bens), content: '👍' }],
      ['send', { content: marked('three') }],
    );
    await taken.next('RECEIPT');
    await eventually(() =>
      expect(said(roomOfBen).slice(2)).toEqual([
        { kind: 'EDIT', targetId: own, content: marked('two') },
        { kind: 'REACTION', targetId: bens, content: '👍' },
        { kind: 'TEXT', content: marked('three') },
      ]),
    );
  });

  it('is read by a reader that knows nothing of it', async () => {
    const OldMessage = MessageDTOSchema.omit({ targetId: true, removed: true });
    const { ben, roomId, ofAnn, roomOfBen } = await roomOfTwo(chat);
    const id = await ofAnn.sendMessage(roomId, marked('one'));
    await edit(ofAnn, roomId, id, marked('two'));
    await react(ofAnn, roomId, id, '👍');
    await remove(ofAnn, roomId, id);
    await eventually(() => expect(roomOfBen.messages).toHaveLength(4));
    for (const body of roomOfBen.bodies()) OldMessage.parse(body);
    await eventually(async () => {
      const [shown] = await historyOf(ben, roomId);
      expect(shown?.deletedAt).toBeDefined();
      OldMessage.parse(shown);
    }, STORED);
  });
});

describe('who may change a message', () => {
  it('is its sender; to delete it also OWNER and ADMIN; to react everybody in the room', async () => {
    const { ann, ben, roomId, ofAnn, ofBen, roomOfAnn, roomOfBen } = await roomOfTwo(chat);
    const cid = await chat.newMember(roomId, 'cid');
    const ofCid = await chat.connect(cid, 1);
    const id = await ofBen.sendMessage(roomId, marked('ben’s'));
    for (const session of [ofAnn, ofCid]) {
      expect(await refusalOf(edit(session, roomId, id, marked('x')))).toMatchObject({
        code: 'FORBIDDEN',
        retryable: false,
      });
    }
    expect(await refusalOf(remove(ofCid, roomId, id))).toMatchObject({ code: 'FORBIDDEN' });
    await react(ofCid, roomId, id, '👍');
    const role = await chat.as(ann).patch(`${ROOMS}/${roomId}/members/${cid.id}`, { role: 'ADMIN' });
    expect(role.status).toBe(200);
    await eventually(() => remove(ofCid, roomId, id)); // as soon as the gateway has heard of it
    for (const room of [roomOfAnn, roomOfBen]) await eventually(() => expect(said(room).at(-1)?.kind).toBe('DELETE'));
    const tooLate = edit(ofBen, roomId, id, marked('too late'));
    expect(await refusalOf(tooLate)).toMatchObject({ code: 'MESSAGE_DELETED', retryable: false });
    expect(await refusalOf(remove(ofAnn, roomId, id))).toMatchObject({ code: 'MESSAGE_DELETED' });
    expect(await refusalOf(react(ofBen, roomId, id, '👍'))).toMatchObject({ code: 'MESSAGE_DELETED' });
    await eventually(async () => {
      const shown = (await historyOf(ben, roomId)).map(({ content, reactions }) => ({ content, reactions }));
      expect(shown).toEqual([{ content: '', reactions: undefined }]);
    }, STORED);
    expect(said(roomOfBen).map(({ kind }) => kind)).toEqual(['TEXT', 'REACTION', 'DELETE']);
  });

  it('is nobody in a room that they are not in, of a message of another room, of none, and of a change', async () => {
    const { roomId, ofAnn } = await roomOfTwo(chat);
    const elsewhere = await roomOfTwo(chat);
    const own = await ofAnn.sendMessage(roomId, marked('own'));
    const theirs = await elsewhere.ofAnn.sendMessage(elsewhere.roomId, marked('theirs'));
    expect(await refusalOf(react(ofAnn, elsewhere.roomId, theirs, '👍'))).toMatchObject({ code: 'NOT_A_MEMBER' });
    for (const target of [theirs, '12345', '-7']) {
      expect(await refusalOf(react(ofAnn, roomId, target, '👍'))).toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
    }
    const edited = await edit(ofAnn, roomId, own, marked('edited'));
    expect(await refusalOf(edit(ofAnn, roomId, edited, marked('x')))).toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
    expect(await refusalOf(edit(ofAnn, roomId, own, ''))).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('may do so at a gateway that has not shown the message to anybody, by what is stored', async () => {
    const { ann, roomId, ofAnn } = await roomOfTwo(chat);
    const quiet = await chat.createRoomOf(ann);
    const id = await ofAnn.sendMessage(quiet, marked('nobody listens'));
    const other = await chat.connect(ann, 1);
    await edit(other, quiet, id, marked('edited'));
    await remove(ofAnn, quiet, id);
    await eventually(async () =>
      expect(await refusalOf(edit(other, quiet, id, marked('x')))).toMatchObject({ code: 'MESSAGE_DELETED' }),
    );
    expect(await refusalOf(react(other, roomId, id, '👍'))).toMatchObject({ code: 'MESSAGE_NOT_FOUND' });
  });
});

describe('records of other producers', () => {
  it('change the history by the same rule: an EDIT by its sender alone, nothing behind a DELETE', async () => {
    const { ann, ben, roomId, ofAnn, roomOfBen } = await roomOfTwo(chat);
    const id = await ofAnn.sendMessage(roomId, marked('ann’s'));
    const record = (fields: object) => ({
      ...{ roomId, type: 'GROUP', timestamp: '2026-01-01T10:00:00Z', targetId: Number(id) },
      ...fields,
    });
    const write = (fields: object) => chat.produce('chat-messages', String(roomId), JSON.stringify(record(fields)));
    await write({ id: -1, senderId: ben.id, kind: 'EDIT', content: marked('ben’s words') });
    await write({ id: -2, senderId: ann.id, kind: 'EDIT', content: marked('ann’s words') });
    await write({ id: -3, senderId: ann.id, kind: 'EDIT', content: '' }); // counts for nothing
    await eventually(() => expect(idsIn(roomOfBen)).toEqual([id, '-1', '-2']));
    await eventually(async () => {
      expect(await historyOf(ben, roomId)).toMatchObject([{ content: marked('ann’s words') }]);
    }, STORED);
    await write({ id: -4, senderId: ben.id, kind: 'DELETE', content: '' });
    await write({ id: -5, senderId: ann.id, kind: 'EDIT', content: marked('too late') });
    await eventually(() => expect(idsIn(roomOfBen).at(-1)).toBe('-5'));
    const last = await ofAnn.sendMessage(roomId, marked('last'));
    await eventually(async () => {
      const shown = (await historyOf(ben, roomId)).map((message) => [message.id, message.content]);
      expect(shown).toEqual([
        [Number(id), ''],
        [Number(last), marked('last')],
      ]);
    }, STORED);
  });
});
