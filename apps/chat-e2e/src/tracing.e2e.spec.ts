import { randomBytes } from 'node:crypto';
import { eventually } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { ROOMS } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { spansAt, type ReceivedSpan } from './harness/trace-collector.ts';
import { roomOfTwo } from './room-of-two.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const [SERVER, PRODUCER, CONSUMER] = [2, 4, 5];

function newCaller() {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
}

/** The spans of a trace, once there are so many, and all that a collector has beside them. */
const traceOf = (traceId: string, count: number) =>
  eventually(
    async () => {
      const all = await spansAt(chat.addresses.collectorUrl);
      const spans = all.filter((span) => span.traceId === traceId);
      expect(spans.map(({ name }) => name)).toHaveLength(count);
      return { all, spans };
    },
    { deadlineMs: 10_000 },
  );

const spanOf = (spans: readonly ReceivedSpan[], name: string, instance: string): ReceivedSpan => {
  const found = spans.find((span) => span.name === name && span.instance === instance);
  if (found === undefined) throw new Error(`no span ${name} of ${instance}`);
  return found;
};

const recordsOf = async (...messageIds: readonly string[]) =>
  (await chat.readLog('chat-messages')).filter(({ headers }) => messageIds.includes(String(headers['ce_id'])));

describe('a trace', () => {
  it('goes from the SEND of a client through Kafka to the rows and to both gateways', async () => {
    const caller = newCaller();
    const { roomId, ofAnn, roomOfBen } = await roomOfTwo(chat);
    const messageId = await ofAnn.sendMessage(roomId, marked('traced'), { traceparent: caller.traceparent });
    const { all, spans } = await traceOf(caller.traceId, 5);

    const send = spanOf(spans, 'SEND /app/chat.send/{roomId}', 'ws-gateway-1');
    expect(send).toMatchObject({ kind: SERVER, parentSpanId: caller.spanId, service: 'ws-gateway' });
    expect(send.attributes).toEqual({ 'chat.room.id': roomId, 'messaging.message.id': messageId });
    const publish = spanOf(spans, 'send chat-messages', 'ws-gateway-1');
    expect(publish).toMatchObject({ kind: PRODUCER, parentSpanId: send.spanId });
    const [record] = await recordsOf(messageId);
    expect(publish.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.destination.name': 'chat-messages',
      'messaging.operation.name': 'send',
      'messaging.destination.partition.id': String(record?.partition),
      'messaging.message.id': messageId,
    });
    expect(String(record?.headers['traceparent'])).toBe(`00-${caller.traceId}-${publish.spanId}-01`);

    const persist = spanOf(spans, 'persist chat-messages', 'message-persister');
    expect(persist).toMatchObject({ kind: CONSUMER, parentSpanId: publish.spanId, service: 'message-persister' });
    const batch = all.find(({ spanId }) => spanId === persist.links[0]);
    expect(batch).toMatchObject({ name: 'persist chat-messages', kind: CONSUMER, parentSpanId: '' });
    expect(batch?.links).toContain(publish.spanId);
    expect(batch?.traceId).not.toBe(caller.traceId);

    for (const instance of ['ws-gateway-1', 'ws-gateway-2']) {
      const deliver = spanOf(spans, 'deliver chat-messages', instance);
      expect(deliver).toMatchObject({ kind: CONSUMER, parentSpanId: publish.spanId });
      expect(deliver.attributes).toMatchObject({ 'chat.deliveries': 1, 'messaging.message.id': messageId });
    }
    expect(JSON.stringify(spans)).not.toContain(marked('traced'));
    expect(roomOfBen.messages[0]?.headers['traceparent']).toBeUndefined(); // it is the sender's affair
  });

  it('of the SENDs of a transaction is that of each of them', async () => {
    const [first, second] = [newCaller(), newCaller()];
    const { ann, roomId } = await roomOfTwo(chat);
    const connection = await chat.openRaw(0);
    await connection.connect(ann.token);
    connection.sendFrame('BEGIN', { transaction: 't' });
    for (const { traceparent } of [first, second]) {
      const headers = { destination: `/app/chat.send/${roomId}`, transaction: 't', traceparent };
      connection.sendFrame('SEND', headers, JSON.stringify({ content: marked('part') }));
    }
    connection.sendFrame('COMMIT', { transaction: 't', receipt: 'commit' });
    await connection.next('RECEIPT');
    for (const { traceId, spanId } of [first, second]) {
      const { spans } = await traceOf(traceId, 5);
      expect(spanOf(spans, 'SEND /app/chat.send/{roomId}', 'ws-gateway-1').parentSpanId).toBe(spanId);
    }
  });

  it('of a refused SEND ends with its code', async () => {
    const caller = newCaller();
    const stranger = await chat.connect(newPerson());
    const { id: roomId } = await chat.createRoom(newPerson());
    await expect(stranger.sendMessage(roomId, marked('hi'), { traceparent: caller.traceparent })).rejects.toThrow(
      'NOT_A_MEMBER',
    );
    const { spans } = await traceOf(caller.traceId, 1);
    expect(spans[0]?.attributes['error.type']).toBe('NOT_A_MEMBER');
  });

  it('of a REST request names its address, and what it was answered', async () => {
    const caller = newCaller();
    const ann = newPerson();
    const { id } = await chat.createRoom(ann);
    await fetch(`${chat.addresses.restUrl}${ROOMS}/${id}`, {
      headers: { authorization: `Bearer ${ann.token}`, traceparent: caller.traceparent },
    });
    const { spans } = await traceOf(caller.traceId, 1);
    expect(spans[0]).toMatchObject({
      name: `GET ${ROOMS}/{id}`,
      kind: SERVER,
      parentSpanId: caller.spanId,
      instance: 'rooms-api',
      attributes: { 'http.request.method': 'GET', 'http.route': `${ROOMS}/{id}`, 'http.response.status_code': 200 },
    });
  });

  it('is not there for who is not sampled, nor does the record of the message say anything of one', async () => {
    const { roomId, ofAnn } = await roomOfTwo(chat);
    const { traceId, spanId } = newCaller();
    const unsampled = await ofAnn.sendMessage(roomId, marked('hi'), { traceparent: `00-${traceId}-${spanId}-00` });
    const broken = await ofAnn.sendMessage(roomId, marked('hi'), { traceparent: `00-${traceId}-${spanId}-1` });
    const records = await recordsOf(unsampled, broken);
    expect(records).toHaveLength(2);
    for (const { headers } of records) expect(headers).not.toHaveProperty('traceparent');
  });
});
