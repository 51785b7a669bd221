import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exposedIn, metricTypesIn, unknownIn, writtenQueries } from '@chat/monitoring';
import { eventually } from '@chat/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusalOf } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { INSTANCE_NAMES, type InstanceName } from './harness/app-instances.ts';
import { roomOfTwo } from './room-of-two.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8');
/** Labels that every series has, or every bucket. */
const COMMON_LABELS = ['app', 'le'];
/** Consumers ask for the ends of their logs every 5 s. */
const TRAFFIC_SEEN = { deadlineMs: 20_000, everyMs: 500 };

/** Values of labels that a run in which all is well, on the default feed, does not show. */
const RARE = { recovered: ['false'], status: ['429'], topic: ['room-feed'] };

interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** The rows of a table of the document: name, type, labels. */
function documentedIn(section: string): readonly DocumentedMetric[] {
  const text = DOCUMENT.split(`<!-- ${section}: `)[1]?.split(`<!-- /${section} -->`)[0] ?? '';
  const rows = text.matchAll(/^\| `(\w+)` +\| (\w+) +\| ([^|]*) \|/gm);
  return Array.from(rows, ([, name = '', type = '', labels = '']) => ({
    ...{ name, type },
    labels: Array.from(labels.matchAll(/`(\w+)`/g), ([, label = '']) => label),
  }));
}

const appOf = (name: InstanceName) => name.replace(/-[12]$/, '');
const documentedOf = (name: InstanceName) => [...documentedIn('every app'), ...documentedIn(appOf(name))];

async function scrape(name: InstanceName): Promise<string> {
  const response = await fetch(`${chat.addresses.internalUrls[name]}/metrics`);
  expect(response.status).toBe(200);
  return response.text();
}

/** Whether a text of metrics has a series of these labels, among others, that is above 0. */
const counted =
  (name: string, ...labels: readonly string[]) =>
  (text: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
      .some((line) => Number(line.split(' ').at(-1)) > 0);

/** Something of all that is measured: messages, a refusal, a resume, presence, a change of a room. */
beforeAll(async () => {
  const { ofAnn, ofBen, roomId, ann, roomOfBen } = await roomOfTwo(chat);
  const [first] = [await ofAnn.sendMessage(roomId, marked('first')), await ofAnn.sendMessage(roomId, marked('second'))];
  await eventually(() => expect(roomOfBen.messages).toHaveLength(2));
  const stranger = await chat.connect(newPerson('eve'));
  expect(await refusalOf(stranger.sendMessage(roomId, marked('no')))).toMatchObject({ code: 'NOT_A_MEMBER' });
  const again = await chat.connect(ann, 1);
  await again.subscribe(`/topic/chat_rooms/${roomId}`, { since: first });
  await ofBen.subscribe(`/topic/chat_rooms/${roomId}/presence`);
  await eventually(async () => {
    expect(await scrape('message-persister')).toContain('chat_kafka_consumer_lag_offsets{topic="chat-messages"');
    expect(await scrape('presence-worker')).toContain('chat_kafka_consumer_lag_offsets{topic="session-events"');
    expect(await scrape('ws-gateway-1')).toContain('chat_kafka_consumer_lag_offsets{topic="chat-messages"');
  }, TRAFFIC_SEEN);
});

describe.each(INSTANCE_NAMES)('the metrics of %s', (name) => {
  it('are those of docs/metrics.md, each of its type, and no others', async () => {
    const documented = documentedOf(name).map(({ name: metric, type }) => [metric, type]);
    expect(documented.length).toBeGreaterThan(30);
    expect(Object.fromEntries(metricTypesIn(await scrape(name)))).toEqual(Object.fromEntries(documented));
  });

  it('have no labels but those that are documented', async () => {
    const exposed = exposedIn([await scrape(name)]);
    const unknown = documentedOf(name).flatMap(({ name: metric, labels }) => {
      const known = new Set([...COMMON_LABELS, ...labels, 'job', 'instance']);
      const samples = [metric, `${metric}_bucket`, `${metric}_sum`, `${metric}_count`];
      return samples.flatMap((sample) => [...(exposed.get(sample)?.keys() ?? [])].filter((label) => !known.has(label)));
    });
    expect(unknown).toEqual([]);
  });

  it('say that it is ready and that each part answers', async () => {
    const text = await scrape(name);
    expect(text).toContain(`chat_ready{app="${appOf(name)}"} 1`);
    expect(text).toContain(`chat_dependency_up{dependency="kafka",needed="true",app="${appOf(name)}"} 1`);
    expect(text).toContain(`chat_dependency_up{dependency="postgres",needed="true",app="${appOf(name)}"} 1`);
    expect(text).not.toMatch(/^chat_dependency_up\{.* 0$/m);
  });
});

describe('a run with traffic', () => {
  it('has been counted where it happened', async () => {
    const [rooms, first, second, presence, persister] = await Promise.all(
      (['rooms-api', 'ws-gateway-1', 'ws-gateway-2', 'presence-worker', 'message-persister'] as const).map(scrape),
    );
    expect(first).toSatisfy(counted('chat_gateway_refusals_total', 'code="NOT_A_MEMBER"'));
    expect(first).toSatisfy(counted('chat_gateway_send_seconds_count', 'outcome="accepted"'));
    expect(first).toSatisfy(counted('chat_gateway_frames_received_total', 'command="SEND"'));
    expect(second).toSatisfy(counted('chat_gateway_fan_out_seconds_count'));
    expect(second).toSatisfy(counted('chat_gateway_deliveries_total', 'source="chat-messages"'));
    expect(second).toSatisfy(counted('chat_gateway_room_subscriptions_total', 'asked="since"', 'recovered="true"'));
    expect(second).toSatisfy(counted('chat_gateway_sent_bytes_total'));
    const joined = 'route="/api/v1/chat/chat-rooms/join/{id}"';
    expect(rooms).toSatisfy(counted('chat_rooms_request_seconds_count', 'method="POST"', joined, 'status="200"'));
    expect(rooms).toContain('chat_rooms_outbox_entries{');
    expect(presence).toSatisfy(counted('chat_presence_transitions_total', 'event="ONLINE"'));
    expect(persister).toSatisfy(counted('chat_persister_store_lag_seconds_count'));
  });

  it('has every metric, every label and every value of one that dashboards, alerts and runbooks ask for', async () => {
    const exposed = exposedIn(await Promise.all(INSTANCE_NAMES.map(scrape)));
    const unknown = writtenQueries().flatMap(({ where, expr }) =>
      unknownIn(expr, exposed, RARE).map((what) => `${where}: ${what}`),
    );
    expect(unknown).toEqual([]);
  });
});
