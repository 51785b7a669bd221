import type { CommandDTO } from '@chat/dto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { newPerson, type Person } from './clients/person.ts';
import type { GatewayIndex } from './clients/chat-driver.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();

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

async function listener(person: Person, gateway: GatewayIndex) {
  const session = await chat.connect(person, gateway);
  const [all, own] = [await session.subscribe('/topic/commands'), await session.subscribe('/user/queue/commands')];
  const idsOf = (subscription: typeof all) => subscription.bodies<CommandDTO>().map(({ id }) => id);
  return {
    all: () => idsOf(all),
    own: () => idsOf(own),
    messages: all.messages,
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
