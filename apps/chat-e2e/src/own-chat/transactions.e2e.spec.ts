import { partitionOf } from '@chat/kafka-contracts';
import { eventually, KAFKA_API, type KafkaFrame, type TrappedConnection } from '@chat/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { ChatDriver } from '../clients/chat-driver.ts';
import { marked } from '../clients/content.ts';
import { newPerson, type Person } from '../clients/person.ts';
import type { RawConnection } from '../clients/raw-connection.ts';
import type { OpenSubscription } from '../clients/stomp-session.ts';
import type { ChatNetwork, RunningChat } from '../harness/start-chat.ts';
import { CHAT_MESSAGES_PARTITIONS } from '../harness/topic-layout.ts';
import { useOwnChat } from './own-chat.ts';
import { expectStored, idsIn } from '../room-of-two.ts';

/** A dead gateway's open transaction holds its partitions for as long as it may be open, and a little, in ms. */
const HELD_DEADLINE_MS = 15_000;

let running: RunningChat;
let chat: ChatDriver;
let network: ChatNetwork;

// who reads everything publishes them, who is sent its rooms hears them
useOwnChat('transactions', { isCuttable: true, roomFeed: 'mixed' }, (own) => ({ running, chat, network } = own));
afterEach(async () => {
  network.kafka.mend();
  const gateway = running.services['ws-gateway-1'];
  if (!gateway.isRunning) await gateway.start();
});

/** Two rooms of Ann's in partitions of their own, Ben listening to both at the other gateway. */
async function twoRooms() {
  const [ann, ben] = [newPerson('ann'), newPerson('ben')];
  const rooms: number[] = [];
  while (rooms.length < 2) {
    const roomId = await chat.createRoomOf(ann, ben);
    const partition = partitionOf(String(roomId), CHAT_MESSAGES_PARTITIONS);
    if (rooms.every((other) => partitionOf(String(other), CHAT_MESSAGES_PARTITIONS) !== partition)) rooms.push(roomId);
  }
  const ofBen = await chat.connect(ben, 1);
  const heard = await Promise.all(rooms.map((roomId) => ofBen.subscribe(`/topic/chat_rooms/${roomId}`)));
  const [one, other] = rooms as [number, number]; // two were made
  const [heardOne, heardOther] = heard as [OpenSubscription, OpenSubscription]; // one each
  return { ann, one, other, heardOne, heardOther };
}

async function connected(person: Person): Promise<RawConnection> {
  const connection = await chat.openRaw(0);
  await connection.connect(person.token);
  return connection;
}

function send(connection: RawConnection, roomId: number, receipt: string, transaction?: string): void {
  const destination = `/app/chat.send/${roomId}`;
  const headers = { destination, receipt, ...(transaction !== undefined && { transaction }) };
  connection.sendFrame('SEND', headers, JSON.stringify({ content: marked(receipt) }));
}

/** What the next RECEIPT is for, and the id it names. */
async function nextReceipt(connection: RawConnection): Promise<readonly [string | undefined, string | undefined]> {
  const { headers } = await connection.next('RECEIPT');
  return [headers['receipt-id'], headers['message-id']];
}

describe('a transaction over rooms of several partitions', () => {
  it('is invisible before COMMIT and whole behind it, for everybody and in the history', async () => {
    const { ann, one, other, heardOne, heardOther } = await twoRooms();
    const connection = await connected(ann);
    connection.sendFrame('BEGIN', { transaction: 't', receipt: 'begin' });
    expect(await nextReceipt(connection)).toEqual(['begin', undefined]);
    send(connection, one, 'a', 't');
    send(connection, other, 'b', 't');
    send(connection, one, 'c', 't');
    send(connection, one, 'outside');
    const [, outside] = await nextReceipt(connection);
    await eventually(() => expect(idsIn(heardOne)).toEqual([outside]));
    connection.sendFrame('COMMIT', { transaction: 't', receipt: 'commit' });
    const receipts = [];
    for (let count = 0; count < 4; count += 1) receipts.push(await nextReceipt(connection));
    expect(receipts.map(([receiptId]) => receiptId)).toEqual(['a', 'b', 'c', 'commit']);
    const [a, b, c] = receipts.map(([, messageId]) => messageId);
    await eventually(() => {
      expect(idsIn(heardOne)).toEqual([outside, a, c]);
      expect(idsIn(heardOther)).toEqual([b]);
    });
    await expectStored(chat, one, heardOne);
    await expectStored(chat, other, heardOther);
  });

  it('that is aborted, or whose client goes away, is never seen', async () => {
    const { ann, one, other, heardOne, heardOther } = await twoRooms();
    const connection = await connected(ann);
    connection.sendFrame('BEGIN', { transaction: 't' });
    send(connection, one, 'a', 't');
    connection.sendFrame('ABORT', { transaction: 't', receipt: 'abort' });
    const { headers } = await connection.next('RECEIPT');
    expect(headers).toMatchObject({ 'receipt-id': 'a', aborted: 'true' });
    expect(await nextReceipt(connection)).toEqual(['abort', undefined]);
    const leaving = await connected(ann);
    leaving.sendFrame('BEGIN', { transaction: 't' });
    send(leaving, other, 'b', 't');
    leaving.cut();
    for (const roomId of [one, other]) send(connection, roomId, String(roomId));
    const behind = new Map([await nextReceipt(connection), await nextReceipt(connection)]);
    await eventually(() => {
      expect(idsIn(heardOne)).toEqual([behind.get(String(one))]);
      expect(idsIn(heardOther)).toEqual([behind.get(String(other))]);
    });
  });

  /** The gateway dies when this frame of its transaction is about to pass. */
  async function dyingAt(matches: (frame: KafkaFrame) => boolean) {
    const rooms = await twoRooms();
    const connection = await connected(rooms.ann);
    const gateway = running.services['ws-gateway-1'];
    const killed = Promise.withResolvers<unknown>();
    const act = async (_: KafkaFrame, connection: TrappedConnection) => {
      await gateway.kill();
      connection.reset(); // what it had sent last does not arrive either
      killed.resolve(null);
    };
    const trap = network.kafka.trap({ matches, act });
    connection.sendFrame('BEGIN', { transaction: 't' });
    send(connection, rooms.one, 'a', 't');
    send(connection, rooms.other, 'b', 't');
    connection.sendFrame('COMMIT', { transaction: 't', receipt: 'commit' });
    await killed.promise;
    trap.remove();
    await gateway.start();
    return rooms;
  }

  /** A message to each room behind the transaction, with the ids that Ben has by then. */
  async function seenAfter({ ann, one, other, heardOne, heardOther }: Awaited<ReturnType<typeof twoRooms>>) {
    const ofAnn = await chat.connect(ann, 1);
    for (const roomId of [one, other]) await ofAnn.sendMessage(roomId, marked('behind'));
    const contentsOf = (heard: OpenSubscription) => heard.bodies<{ content: string }>().map(({ content }) => content);
    await eventually(
      () => {
        for (const heard of [heardOne, heardOther]) expect(contentsOf(heard).at(-1)).toBe(marked('behind'));
      },
      { deadlineMs: HELD_DEADLINE_MS },
    );
    await expectStored(chat, one, heardOne);
    await expectStored(chat, other, heardOther);
    return [contentsOf(heardOne), contentsOf(heardOther)].map((contents) => contents.slice(0, -1));
  }

  it('is not there where the gateway dies before Kafka was told to commit, and holds nobody for long', async () => {
    const rooms = await dyingAt(({ direction, apiKey }) => direction === 'request' && apiKey === KAFKA_API.endTxn);
    expect(await seenAfter(rooms)).toEqual([[], []]);
  });

  it('is there as a whole where the gateway dies before it heard that Kafka has committed', async () => {
    const rooms = await dyingAt(({ direction, apiKey }) => direction === 'reply' && apiKey === KAFKA_API.endTxn);
    expect(await seenAfter(rooms)).toEqual([[marked('a')], [marked('b')]]);
  });
});
