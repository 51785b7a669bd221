import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { refusalOf, ROOMS } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

/** A member with a session in a room, to be refused things there. */
async function member() {
  const alice = newPerson('alice');
  const { id: roomId } = await chat.createRoom(alice);
  const session = await chat.connect(alice);
  return { alice, roomId, session, destination: `/app/chat.send/${roomId}` };
}

/** The session goes on: what it sends is taken. */
const expectAlive = async ({ session, roomId }: Pick<Awaited<ReturnType<typeof member>>, 'session' | 'roomId'>) => {
  expect(await session.sendMessage(roomId, marked('still here'))).toMatch(/^\d+$/);
  expect(session.isConnected).toBe(true);
};

describe('a SEND is refused on /user/queue/errors, with its receipt id, and the session lives', () => {
  it.each([
    ['a body that is no JSON', marked('{"content": '), 'INVALID_JSON'],
    ['a body that is a text', JSON.stringify(marked('text')), 'INVALID_REQUEST'],
    ['an empty body', '', 'INVALID_JSON'],
    ['no content', JSON.stringify({ text: marked('wrong field') }), 'INVALID_REQUEST'],
    ['content that is a number', '{"content": 1}', 'INVALID_REQUEST'],
    ['content of 0 code points', '{"content": ""}', 'INVALID_REQUEST'],
    ['content of 10,001 code points', JSON.stringify({ content: 'x'.repeat(10_001) }), 'INVALID_REQUEST'],
    [
      'content of 10,001 code points of two units each',
      JSON.stringify({ content: '😀'.repeat(10_001) }),
      'INVALID_REQUEST',
    ],
    ['content with U+0000', JSON.stringify({ content: `${marked('nul')}\u0000` }), 'INVALID_REQUEST'],
    ['content with a lone surrogate', `{"content": "${marked('lone')} \\ud800"}`, 'INVALID_REQUEST'],
  ])('for %s', async (_, body, code) => {
    const { roomId, session, destination } = await member();

    const refusal = await refusalOf(session.send(destination, body));

    expect(refusal).toMatchObject({ code, retryable: false, destination });
    expect(refusal.receiptId).toMatch(/^receipt-\d+$/);
    expect(refusal.message.length).toBeGreaterThan(0);
    await expectAlive({ session, roomId });
  });

  it('and names the limit of the content', async () => {
    const { session, destination } = await member();

    const refusal = await refusalOf(session.send(destination, { content: 'x'.repeat(10_001) }));

    expect(refusal.message).toContain('10000');
  });

  it('for who is not a member', async () => {
    const { roomId, session } = await member();
    const stranger = await chat.connect(newPerson('stranger'));

    const refusal = await refusalOf(stranger.send(`/app/chat.send/${roomId}`, { content: marked('let me in') }));

    expect(refusal).toMatchObject({ code: 'NOT_A_MEMBER', retryable: false });
    expect(stranger.isConnected).toBe(true);
    await expectAlive({ session, roomId });
  });

  it('for an archived room, at once after it was archived', async () => {
    const { alice, roomId, session, destination } = await member();
    await session.sendMessage(roomId, marked('before'));
    await chat.as(alice).delete(`${ROOMS}/${roomId}`);

    const refusal = await eventually(() => refusalOf(session.send(destination, { content: marked('after') })), {
      deadlineMs: 1_000,
    });

    expect(refusal).toMatchObject({ code: 'ROOM_ARCHIVED', retryable: false });
    expect(session.isConnected).toBe(true);
  });

  it.each([
    ['an unknown room', 'NOT_A_MEMBER', {}],
    ['a private room of others', 'ROOM_NOT_FOUND', { visibility: 'PRIVATE' }],
  ])('for %s', async (what, code, fields) => {
    const { roomId, session } = await member();
    const other = what === 'an unknown room' ? 9_007_199_254_740_991 : (await chat.createRoom(newPerson(), fields)).id;

    const refusal = await refusalOf(session.send(`/app/chat.send/${other}`, { content: marked('hello?') }));

    expect(['ROOM_NOT_FOUND', code]).toContain(refusal.code);
    await expectAlive({ session, roomId });
  });

  it.each([
    ['with spaces', 'a b'],
    ['of 129 characters', 'k'.repeat(129)],
    ['that is empty', ''],
  ])('for a client-message-id %s, which it does not call a valid one', async (_, key) => {
    const { roomId, session, destination } = await member();

    const refusal = await refusalOf(session.send(destination, { content: marked('x') }, { 'client-message-id': key }));

    expect(refusal.code).toBe('INVALID_REQUEST');
    expect(refusal.message).toContain('128');
    await expectAlive({ session, roomId });
  });

  it('with the client-message-id, so that the client knows which message it was', async () => {
    const { session, destination } = await member();

    const refusal = await refusalOf(session.send(destination, { content: '' }, { 'client-message-id': 'mine-7' }));

    expect(refusal.clientMessageId).toBe('mine-7');
  });

  it('also when it asked for no receipt', async () => {
    const { roomId, session, destination } = await member();

    session.sendUnanswered(destination, { content: '' });

    await eventually(() => expect(session.refusals).toHaveLength(1));
    expect(session.refusals[0]).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(session.refusals[0]).not.toHaveProperty('receiptId');
    await expectAlive({ session, roomId });
  });
});

describe('a refused SEND of a session that does not listen on /user/queue/errors', () => {
  it('gets ERROR and close 1008 where it asked for a receipt', async () => {
    const { alice, destination } = await member();
    const deaf = await chat.connect(alice, 0, { hearsErrors: false });

    await expect(deaf.send(destination, { content: '' })).rejects.toThrow('1008');

    expect(deaf.errorFrame?.headers).toMatchObject({ code: 'INVALID_REQUEST', 'receipt-id': 'receipt-1' });
  });

  it('is dropped where it asked for none', async () => {
    const { alice, roomId, destination } = await member();
    const deaf = await chat.connect(alice, 0, { hearsErrors: false });

    deaf.sendUnanswered(destination, { content: '' });

    await expectAlive({ session: deaf, roomId });
  });
});

describe('a SUBSCRIBE is refused on /user/queue/errors, and the session lives', () => {
  it.each(['', '/presence'])('to /topic/chat_rooms/{id}%s of a room that the user is not in', async (suffix) => {
    const { roomId, session } = await member();
    const stranger = await chat.connect(newPerson('stranger'));

    const refusal = await refusalOf(stranger.subscribe(`/topic/chat_rooms/${roomId}${suffix}`));

    expect(refusal.code).toBe('NOT_A_MEMBER');
    expect(stranger.isConnected).toBe(true);
    await expectAlive({ session, roomId });
  });

  it('to a private room of others as if it were not there', async () => {
    const { id } = await chat.createRoom(newPerson('alice'), { visibility: 'PRIVATE' });
    const stranger = await chat.connect(newPerson('stranger'));

    const refusal = await refusalOf(stranger.subscribe(`/topic/chat_rooms/${id}`));

    expect(refusal.code).toBe('ROOM_NOT_FOUND');
  });

  it('but gets ERROR and close 1008 where nobody would hear of it', async () => {
    const { roomId } = await member();
    const deaf = await chat.connect(newPerson('stranger'), 0, { hearsErrors: false });

    await expect(deaf.subscribe(`/topic/chat_rooms/${roomId}`)).rejects.toThrow('1008');
  });
});
