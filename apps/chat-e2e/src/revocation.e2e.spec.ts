import type { CommandDTO } from '@chat/dto';
import { createToken, eventually } from '@chat/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { useInstancesBeside } from './beside.ts';
import { refusalOf, ROOMS } from './clients/chat-driver.ts';
import { newPerson, type Person } from './clients/person.ts';
import { SessionEndedError, StompSession } from './clients/stomp-session.ts';
import { Chatctl } from './harness/chatctl.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const startBeside = useInstancesBeside();
const chatctl = new Chatctl(chat.addresses);
afterAll(() => chatctl.cleanUp());

/** How long an instance may take to do what was revoked, in ms. */
const EFFECTIVE_WITHIN_MS = 1_000;
/** An hour ago, in seconds: tokens of then are older than any revocation here. */
const AN_HOUR_AGO = Math.floor(Date.now() / 1000) - 3_600;

/** A token that was issued an hour ago; the claims win. */
const oldToken = ({ id }: Person, claims: object = {}) =>
  createToken({ userId: id, claims: { iat: AN_HOUR_AGO, ...claims } });
const withToken = (person: Person, token: string): Person => ({ ...person, token });

const revoke = async (what: object): Promise<void> => {
  const { status } = await chat.internal.post('/internal/chat/revocations', what);
  expect(status).toBe(202);
};
const command = (payload: object): CommandDTO => ({
  ...{
    id: `r-${process.pid}-${performance.now()}`,
    target: 'all',
    name: 'auth.revoke',
    createdAt: new Date().toISOString(),
  },
  payload: JSON.parse(JSON.stringify(payload)) as CommandDTO['payload'],
});
const restStatus = async (person: Person) => (await chat.as(person).get(`${ROOMS}/user`)).status;

/** The session ends as a revoked one, within its time from now. */
async function expectRevoked(session: StompSession, since: number): Promise<void> {
  expect(await session.ended).toMatchObject({ code: 4003 });
  expect(performance.now() - since).toBeLessThan(EFFECTIVE_WITHIN_MS);
  expect(session.errorFrame?.headers['code']).toBe('REVOKED');
}

/** A CONNECT is refused, as one that must not come back. */
async function expectShutOut(connecting: Promise<StompSession>): Promise<void> {
  const error = await connecting.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SessionEndedError);
  const { errorFrame, end } = error as SessionEndedError;
  expect([errorFrame?.headers['code'], end.code]).toEqual(['REVOKED', 4003]);
}

describe('who is revoked', () => {
  it('as a user loses every session on every instance within a second, and comes in with no older token', async () => {
    const [alice, bob] = [newPerson('alice'), newPerson('bob')];
    const old = withToken(alice, oldToken(alice));
    const sessions = await Promise.all(([0, 1] as const).map((gateway) => chat.connect(old, gateway)));
    const ofBob = await chat.connect(bob);

    const since = performance.now();
    await revoke({ userId: alice.id });

    for (const session of sessions) await expectRevoked(session, since);
    for (const gateway of [0, 1] as const) await expectShutOut(chat.connect(old, gateway));
    await eventually(async () => expect(await restStatus(old)).toBe(401), { deadlineMs: EFFECTIVE_WITHIN_MS });
    const { body } = await chat.as(old).get(`${ROOMS}/user`);
    expect(body).toMatchObject({ code: 'REVOKED', retryable: false });
    expect(ofBob.isConnected).toBe(true);
  });

  it('as a user comes in with a token that was issued later', async () => {
    const alice = newPerson('alice');
    await revoke({ userId: alice.id, issuedBefore: new Date((AN_HOUR_AGO + 60) * 1000).toISOString() });
    await eventually(async () => expect(await restStatus(withToken(alice, oldToken(alice)))).toBe(401));

    const session = await chat.connect(alice);

    expect(await restStatus(alice)).toBe(200);
    const { code } = await refusalOf(session.send('/app/auth.refresh', { token: oldToken(alice) }));
    expect(code).toBe('REVOKED');
    expect(session.isConnected).toBe(true);
  });

  it('by the id of a token loses the sessions with it, and no others', async () => {
    const alice = newPerson('alice');
    const [stolen, own] = ['stolen', 'own'].map((name) => oldToken(alice, { jti: `${name}-${alice.id}` }));
    const thief = await chat.connect(withToken(alice, stolen ?? ''), 1);
    const owner = await chat.connect(withToken(alice, own ?? ''), 1);

    const since = performance.now();
    await revoke({ tokenId: `stolen-${alice.id}` });

    await expectRevoked(thief, since);
    await expectShutOut(chat.connect(withToken(alice, stolen ?? ''), 0));
    expect(owner.isConnected).toBe(true);
    expect(await restStatus(withToken(alice, own ?? ''))).toBe(200);
  });

  it('as a session ends on its instance, and its tokens, which have no id, are good on none, also that from before a renewal', async () => {
    const alice = newPerson('alice');
    const [one, next, other] = [oldToken(alice), oldToken(alice, { renewed: 1 }), oldToken(alice, { device: 2 })];
    const session = await chat.connect(withToken(alice, one), 1);
    const elsewhere = await chat.connect(withToken(alice, other), 0);
    const { session: sessionId } = await session.connectedHeaders;
    await session.send('/app/auth.refresh', { token: next });

    const since = performance.now();
    await revoke({ sessionId });

    await expectRevoked(session, since);
    for (const token of [one, next]) {
      for (const gateway of [0, 1] as const) {
        await eventually(() => expectShutOut(chat.connect(withToken(alice, token), gateway)), {
          deadlineMs: EFFECTIVE_WITHIN_MS,
        });
      }
      await eventually(async () => expect(await restStatus(withToken(alice, token))).toBe(401));
    }
    expect(elsewhere.isConnected).toBe(true);
  });

  it('is so by chatctl, which says of a line that it cannot understand what is wrong with it', async () => {
    const alice = newPerson('alice');
    const session = await chat.connect(withToken(alice, oldToken(alice)), 1);

    const { code, stdout } = await chatctl.run(['revoke', 'user', String(alice.id)]);

    expect([code, stdout]).toEqual([0, expect.stringContaining(`user ${alice.id} is revoked as of 2`)]);
    expect(await session.ended).toMatchObject({ code: 4003 });
    expect((await chatctl.run(['revoke', 'user', 'alice'])).code).toBe(2);
    expect((await chatctl.run(['revoke', 'room', '1'])).code).toBe(2);
  });

  it('by a command of any other service is shut out too, also on an instance that starts later; no client hears of it', async () => {
    const [alice, bob] = [newPerson('alice'), newPerson('bob')];
    const old = withToken(alice, oldToken(alice));
    const ofBob = await chat.connect(bob);
    const heard = await ofBob.subscribe('/topic/commands');
    const session = await chat.connect(old);
    const revocation = command({ userId: alice.id });

    const since = performance.now();
    await chat.produce('command-messages', 'all', JSON.stringify(revocation));
    await expectRevoked(session, since);
    await eventually(async () => {
      const rows = await chat.query('SELECT 1 FROM revocations WHERE subject = $1', [`user:${alice.id}`]);
      expect(rows).toHaveLength(1);
    });

    const [gateway, api] = await Promise.all([startBeside('ws-gateway-3'), startBeside('rooms-api')]);
    const url = `${gateway.publicUrl.replace('http', 'ws')}/ws`;
    await expectShutOut(StompSession.open({ url, token: old.token }));
    const late = await StompSession.open({ url, token: bob.token });
    await late.abandon();
    const answer = await fetch(`${api.publicUrl}${ROOMS}`, { headers: { authorization: `Bearer ${old.token}` } });
    expect(answer.status).toBe(401);
    expect(heard.bodies<CommandDTO>().map(({ id }) => id)).not.toContain(revocation.id);
  });
});
