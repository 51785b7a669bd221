import type { CommandDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { newPerson, type Person } from './clients/person.ts';
import type { ConnectOptions, GatewayIndex } from './clients/chat-driver.ts';
import { STORED } from './room-of-two.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

/** How long a command stands that others of this run would be told of, too: gone when the test is over. */
const STANDING_MS = 15_000;
/** Durable commands that wait for one user at most: KEPT_COMMANDS_MAX of the persister. */
const KEPT_PER_USER = 100;

let commandCount = 0;

function commandTo(target: string, fields: Partial<CommandDTO> = {}): CommandDTO {
  commandCount += 1;
  return {
    id: `c-${process.pid}-${commandCount}`,
    target,
    name: 'maintenance.announced',
    payload: { minutes: 5, text: 'soon' },
    createdAt: new Date().toISOString(),
    ...fields,
  };
}

/** As any other service would, with a plain Kafka client. */
const publish = (command: CommandDTO) => chat.produce('command-messages', command.target, JSON.stringify(command));

async function listener(person: Person, gateway: GatewayIndex, options: ConnectOptions = {}) {
  const session = await chat.connect(person, gateway, options);
  const [all, own] = [await session.subscribe('/topic/commands'), await session.subscribe('/user/queue/commands')];
  const idsOf = (subscription: typeof all) => subscription.bodies<CommandDTO>().map(({ id }) => id);
  return {
    all: () => idsOf(all),
    own: () => idsOf(own),
    messages: all.messages,
    session,
    bodies: () => all.bodies<CommandDTO>(),
  };
}

describe('a command that a plain Kafka client puts on command-messages', () => {
  it('for all reaches every session on every gateway as it was', async () => {
    const listeners = await Promise.all([listener(newPerson('ann'), 0), listener(newPerson('ben'), 1)]);
    const command = commandTo('all');

    await publish(command);

    await eventually(() => {
      for (const one of listeners) expect(one.all()).toContain(command.id);
    });
    for (const one of listeners) {
      expect(one.bodies().find(({ id }) => id === command.id)).toEqual(command);
      expect(one.own()).toEqual([]);
      const messageIds = one.messages.map(({ headers }) => headers['message-id']);
      expect(new Set(messageIds).size).toBe(messageIds.length);
    }
  });

  it('for a room reaches the sessions of its members alone', async () => {
    const [ann, ben, eve] = [newPerson('ann'), newPerson('ben'), newPerson('eve')];
    const roomId = await chat.createRoomOf(ann, ben);
    const [ofAnn, ofBen, ofEve] = await Promise.all([listener(ann, 0), listener(ben, 1), listener(eve, 0)]);
    const command = commandTo(`room:${roomId}`);
    const marker = commandTo('all');

    await publish(command);
    await publish(marker);

    await eventually(() => {
      for (const one of [ofAnn, ofBen, ofEve]) expect(one.all()).toContain(marker.id);
    });
    expect(ofAnn.all()).toEqual([command.id, marker.id]);
    expect(ofBen.all()).toEqual([command.id, marker.id]);
    expect(ofEve.all()).toEqual([marker.id]);
  });

  it('for a user reaches every session of that user on /user/queue/commands, and nobody else', async () => {
    const [ann, eve] = [newPerson('ann'), newPerson('eve')];
    const [phone, laptop, ofEve] = await Promise.all([listener(ann, 0), listener(ann, 1), listener(eve, 0)]);
    const command = commandTo(`user:${ann.id}`);
    const marker = commandTo('all');

    await publish(command);
    await publish(marker);

    await eventually(() => {
      for (const one of [phone, laptop, ofEve]) expect(one.all()).toEqual([marker.id]);
      for (const one of [phone, laptop]) expect(one.own()).toEqual([command.id]);
    });
    expect(ofEve.own()).toEqual([]);
  });

  it('that has expired reaches nobody', async () => {
    const ofAnn = await listener(newPerson('ann'), 0);
    const expired = commandTo('all', { expiresAt: new Date(Date.now() - 1_000).toISOString() });
    const valid = commandTo('all', { expiresAt: new Date(Date.now() + 60_000).toISOString() });

    await publish(expired);
    await publish(valid);

    await eventually(() => expect(ofAnn.all()).toContain(valid.id));
    expect(ofAnn.all()).not.toContain(expired.id);
  });

  it('that is none is passed over, and the next one is delivered', async () => {
    const ofAnn = await listener(newPerson('ann'), 0);
    const valid = commandTo('all');

    await chat.produce('command-messages', 'all', 'no JSON');
    await chat.produce('command-messages', 'all', null);
    await chat.produce('command-messages', 'everybody', JSON.stringify(commandTo('everybody')));
    await publish(valid);

    await eventually(() => expect(ofAnn.all()).toEqual([valid.id]));
  });
});

describe('a command that comes again', () => {
  it('as the same record, or another under its id, is delivered once', async () => {
    const listeners = await Promise.all([listener(newPerson('ann'), 0), listener(newPerson('ben'), 1)]);
    const [command, marker] = [commandTo('all'), commandTo('all')];

    await publish(command);
    await publish(command);
    await publish({ ...command, payload: { another: true } });
    await publish(marker);

    await eventually(() => {
      for (const one of listeners) expect(one.all().at(-1)).toBe(marker.id);
    });
    for (const one of listeners) expect(one.all()).toEqual([command.id, marker.id]);
  });

  it('reaches who is there within 1 s', async () => {
    const [ann, ben] = await Promise.all([listener(newPerson('ann'), 0), listener(newPerson('ben'), 1)]);
    const tookMs: number[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const command = commandTo('all');
      const publishedAt = performance.now();
      await publish(command);
      await eventually(() => {
        for (const one of [ann, ben]) expect(one.all()).toContain(command.id);
      });
      tookMs.push(Math.max(...[ann, ben].map(({ messages }) => messages.at(-1)?.at ?? Infinity)) - publishedAt);
    }
    expect(Math.max(...tookMs)).toBeLessThan(1_000);
    process.stdout.write(`a command reached both gateways after at most ${Math.round(Math.max(...tookMs))} ms\n`);
  });
});

describe('a command for versions of the app', () => {
  it('reaches the sessions that say such a version in CONNECT, on every gateway', async () => {
    const versions = ['1.9.9', '2.0.0', '2.4.1', '3.0.0', 'none', undefined];
    const listeners = await Promise.all(
      versions.map((appVersion, index) =>
        listener(newPerson(), (index % 2) as GatewayIndex, appVersion === undefined ? {} : { appVersion }),
      ),
    );
    const [command, marker] = [commandTo('app:>=2.0.0 <3.0.0'), commandTo('all')];

    await publish(command);
    await publish(marker);

    await eventually(() => {
      for (const one of listeners) expect(one.all()).toContain(marker.id);
    });
    const got = listeners.map((one) => one.all().includes(command.id));
    expect(got).toEqual([false, true, true, false, false, false]);
  });
});

describe('a durable command', () => {
  const stored = (id: CommandDTO['id']) =>
    eventually(async () => {
      const rows = await chat.query('SELECT 1 FROM kept_commands WHERE command_id = $1 AND command IS NOT NULL', [id]);
      expect(rows).toHaveLength(1);
    }, STORED);

  it('for a user who is away waits until they come, to whichever gateway, and is theirs once', async () => {
    const ann = newPerson('ann');
    const command = commandTo(`user:${ann.id}`, { durable: true });
    const passing = commandTo(`user:${ann.id}`);
    await publish(command);
    await publish(passing);
    await stored(command.id);

    const first = await listener(ann, 1);
    expect(first.own()).toEqual([command.id]);
    await eventually(async () => {
      const rows = await chat.query('SELECT 1 FROM kept_commands WHERE command_id = $1 AND delivered_at IS NOT NULL', [
        command.id,
      ]);
      expect(rows).toHaveLength(1);
    });
    const others = await Promise.all([listener(ann, 0), listener(ann, 1)]);
    const marker = commandTo(`user:${ann.id}`);
    await publish(marker);
    await eventually(() => {
      for (const one of [first, ...others]) expect(one.own()).toContain(marker.id);
    });
    expect(first.own()).toEqual([command.id, marker.id]);
    for (const other of others) expect(other.own()).toEqual([marker.id]);
  });

  it('for a user who is there is delivered to each session, and does not wait for the next', async () => {
    const ann = newPerson('ann');
    const [phone, laptop] = await Promise.all([listener(ann, 0), listener(ann, 1)]);
    const command = commandTo(`user:${ann.id}`, { durable: true });
    await publish(command);
    await eventually(() => {
      for (const one of [phone, laptop]) expect(one.own()).toEqual([command.id]);
    });
    await eventually(async () => {
      const rows = await chat.query('SELECT 1 FROM kept_commands WHERE command_id = $1 AND delivered_at IS NOT NULL', [
        command.id,
      ]);
      expect(rows).toHaveLength(1);
    });
    expect((await listener(ann, 1)).own()).toEqual([]);
  });

  it('for a user who stays away is kept as long as 100 newer ones do not wait', async () => {
    const ann = newPerson('ann');
    const commands = Array.from({ length: KEPT_PER_USER + 5 }, () => commandTo(`user:${ann.id}`, { durable: true }));
    for (const command of commands) await publish(command);
    const newest = commands.slice(-KEPT_PER_USER).map(({ id }) => id);
    await eventually(async () => {
      const rows = await chat.query<{ command_id: string }>(
        'SELECT command_id FROM kept_commands WHERE target = $1 ORDER BY log_offset',
        [`user:${ann.id}`],
      );
      expect(rows.map(({ command_id }) => command_id)).toEqual(newest);
    }, STORED);

    const own = (await listener(ann, 0)).own();

    expect(own.slice(0, KEPT_PER_USER)).toEqual(newest); // a gateway that has just read the others remembers them
    expect(new Set(own).size).toBe(own.length);
  });

  it('that expires while its user is away is not delivered', async () => {
    const ann = newPerson('ann');
    const expiresAt = new Date(Date.now() + 2_000).toISOString();
    const command = commandTo(`user:${ann.id}`, { durable: true, expiresAt });
    const standing = commandTo('all', { durable: true, expiresAt });
    await publish(command);
    await publish(standing);
    await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(expiresAt)));
    const ofAnn = await listener(ann, 0);
    expect([ofAnn.own(), ofAnn.all().includes(standing.id)]).toEqual([[], false]);
  });

  it('is delivered once to each session while it comes and goes, whatever the rows and the log say first', async () => {
    const ann = newPerson('ann');
    const ids: CommandDTO['id'][] = [];
    const got: string[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const command = commandTo(`user:${ann.id}`, { durable: true });
      ids.push(command.id);
      const [session] = await Promise.all([listener(ann, (turn % 2) as GatewayIndex), publish(command)]);
      await eventually(() => expect(session.own()).toContain(command.id), STORED);
      expect(new Set(session.own()).size).toBe(session.own().length);
      got.push(...session.own().map(String));
      await session.session.abandon();
    }
    expect(new Set(got)).toEqual(new Set(ids));
  });

  it('for all, a room or an app is there for whoever comes before it expires', async () => {
    const [ann, eve] = [newPerson('ann'), newPerson('eve')];
    const { id: roomId } = await chat.createRoom(ann);
    const expiresAt = new Date(Date.now() + STANDING_MS).toISOString();
    const all = commandTo('all', { durable: true, expiresAt });
    const room = commandTo(`room:${roomId}`, { durable: true, expiresAt });
    const app = commandTo('app:<0.0.2', { durable: true, expiresAt });
    for (const command of [all, room, app]) await publish(command);
    for (const { id } of [all, room, app]) await stored(id);
    for (const gateway of [0, 1] as const) {
      const [member, stranger] = await Promise.all([
        listener(ann, gateway, { appVersion: '0.0.1' }),
        listener(eve, gateway),
      ]);
      const idsOf = ({ all: got }: typeof member) => got().filter((id) => [all.id, room.id, app.id].includes(id));
      await eventually(() => expect(idsOf(member)).toEqual([all.id, room.id, app.id]));
      expect(idsOf(stranger)).toEqual([all.id]);
    }
    await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(expiresAt)), { deadlineMs: 2 * STANDING_MS });
    for (const gateway of [0, 1] as const) {
      const late = await listener(ann, gateway, { appVersion: '0.0.1' });
      for (const { id } of [all, room, app]) expect(late.all()).not.toContain(id);
    }
  });
});
