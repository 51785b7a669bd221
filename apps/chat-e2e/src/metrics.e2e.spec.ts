import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exposedIn, metricTypesIn, unknownIn, writtenQueries } from '@chat/monitoring';
import { eventually } from '@chat/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusalOf } from './clients/chat-driver.ts';
import { marked } from './clients/content.ts';
import { newPerson } from './clients/person.ts';
import { RawConnection } from './clients/raw-connection.ts';
import { COUNTED_ELSEWHERE } from './counted-elsewhere.ts';
import { INSTANCE_NAMES, type InstanceName } from './harness/app-instances.ts';
import { roomOfTwo } from './room-of-two.ts';
import { readMetrics, sumIn } from './harness/app-metrics.ts';
import { useSharedChat } from './shared-chat.ts';

const chat = useSharedChat();
const ROOT = join(import.meta.dirname, '../../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
/** Labels that every series has, or every bucket. */
const COMMON_LABELS = ['app', 'le'];
/** Consumers ask for the ends of their logs every 5 s. */
const TRAFFIC_SEEN = { deadlineMs: 20_000, everyMs: 500 };

/** Values of labels that a run in which all is well, on the default feed, does not show. */
const RARE = { recovered: ['false'], status: ['429'], topic: ['room-feed'] };

const JOINED = ['method="POST"', 'route="/api/v1/chat/chat-rooms/join/{id}"', 'status="200"'];
/** Series that the traffic of this spec makes count, by where it does. */
const COUNTED: readonly (readonly [name: InstanceName, sample: string, ...labels: readonly string[]])[] = [
  ['rooms-api', 'chat_rooms_request_seconds_count', ...JOINED],
  ['ws-gateway-1', 'chat_gateway_closes_total', 'reason="PROTOCOL"', 'code="1002"'],
  ['ws-gateway-1', 'chat_gateway_connects_total', 'version="1.2"'],
  ['ws-gateway-1', 'chat_gateway_deliveries_total', 'source="errors"'],
  ['ws-gateway-1', 'chat_gateway_deliveries_total', 'source="message-receipts"'],
  ['ws-gateway-1', 'chat_gateway_frames_received_total', 'command="SEND"'],
  ['ws-gateway-1', 'chat_gateway_frames_sent_total', 'command="RECEIPT"'],
  ['ws-gateway-1', 'chat_gateway_refusals_total', 'code="NOT_A_MEMBER"'],
  ['ws-gateway-1', 'chat_gateway_refused_upgrades_total', 'reason="path"'],
  ['ws-gateway-1', 'chat_gateway_repeats_total'],
  ['ws-gateway-1', 'chat_gateway_send_seconds_count', 'outcome="accepted"'],
  ['ws-gateway-1', 'chat_gateway_send_seconds_count', 'outcome="refused"'],
  ['ws-gateway-1', 'chat_gateway_unheard_refusals_total', 'code="NOT_A_MEMBER"'],
  ['ws-gateway-2', 'chat_gateway_deliveries_total', 'source="chat-messages"'],
  ['ws-gateway-2', 'chat_gateway_deliveries_total', 'source="presence-messages"'],
  ['ws-gateway-2', 'chat_gateway_fan_out_seconds_count'],
  ['ws-gateway-2', 'chat_gateway_resume_seconds_count'],
  ['ws-gateway-2', 'chat_gateway_room_subscriptions_total', 'asked="since"', 'recovered="true"'],
  ['presence-worker', 'chat_presence_dead_letters_total', 'topic="session-events"'],
  ['presence-worker', 'chat_presence_transitions_total', 'event="ONLINE"'],
  ['message-persister', 'chat_persister_dead_letters_total', 'topic="chat-messages"'],
];

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
const APPS = [...new Set(INSTANCE_NAMES.map(appOf))];
const documentedFor = (app: string) => [...documentedIn('every app'), ...documentedIn(app)];
const documentedOf = (name: InstanceName) => documentedFor(appOf(name));

const scrapeOf = (name: InstanceName) => readMetrics(chat.addresses.internalUrls[name]);

/** Whether a text of metrics has a series of these labels, among others, that is above 0. */
const counted =
  (name: string, ...labels: readonly string[]) =>
  (text: string) =>
    sumIn(text, name, ...labels) > 0;

/** Metrics of ours that no instance of the app shows above 0, but for those that other specs show counting. */
async function uncountedBy(app: string): Promise<readonly string[]> {
  const texts = await Promise.all(INSTANCE_NAMES.filter((name) => appOf(name) === app).map(scrapeOf));
  const elsewhere = { ...COUNTED_ELSEWHERE['every app'], ...COUNTED_ELSEWHERE[app] };
  return documentedFor(app)
    .filter(({ name }) => name.startsWith('chat_') && !(name in elsewhere))
    .filter(({ name, type }) => !texts.some(counted(type === 'histogram' ? `${name}_count` : name)))
    .map(({ name }) => `${app}: ${name}`);
}

/** Something of all that is measured: messages, refusals, a resume, repeats, dead letters, presence, a change of a room. */
beforeAll(async () => {
  const { ofAnn, ofBen, roomId, ann, roomOfBen } = await roomOfTwo(chat);
  await ofAnn.subscribe('/user/queue/receipts');
  const [first] = [await ofAnn.sendMessage(roomId, marked('first')), await ofAnn.sendMessage(roomId, marked('second'))];
  await eventually(() => expect(roomOfBen.messages).toHaveLength(2));
  const stranger = await chat.connect(newPerson('eve'));
  expect(await refusalOf(stranger.sendMessage(roomId, marked('no')))).toMatchObject({ code: 'NOT_A_MEMBER' });
  const deaf = await chat.connect(newPerson('eve'), 0, { hearsErrors: false });
  deaf.sendUnanswered(`/app/chat.send/${roomId}`, { content: marked('no') });
  const again = await chat.connect(ann, 1);
  await again.subscribe(`/topic/chat_rooms/${roomId}`, { since: first });
  await ofBen.subscribe(`/topic/chat_rooms/${roomId}/presence`);
  const faulty = await chat.openRaw();
  faulty.sendFrame('NO_COMMAND', {});
  expect((await faulty.ended()).code).toBe(1002);
  await expect(RawConnection.open(`${chat.addresses.wsUrls[0]}-elsewhere`)).rejects.toThrow('404');
  const foreign = { id: Number(first) - 1, senderId: 77, roomId, content: marked('foreign'), type: 'GROUP' };
  const record = JSON.stringify({ ...foreign, timestamp: '2025-04-29T15:23:00Z' });
  const headers = { ce_id: String(foreign.id), 'sender-id': '77', 'client-message-id': 'once' };
  for (const value of [record, record, marked('no JSON')])
    await chat.produce('chat-messages', String(roomId), value, headers);
  await chat.produce('session-events', String(ann.id), marked('no JSON'));
  const command = { id: `c-${first}`, target: 'all', name: 'maintenance.announced', payload: {} };
  await chat.produce('command-messages', 'all', JSON.stringify({ ...command, createdAt: new Date().toISOString() }));
  await eventually(async () => {
    expect(await scrapeOf('message-persister')).toContain('chat_kafka_consumer_lag_offsets{topic="chat-messages"');
    expect(await scrapeOf('presence-worker')).toContain('chat_kafka_consumer_lag_offsets{topic="session-events"');
    expect(await scrapeOf('ws-gateway-1')).toContain('chat_kafka_consumer_lag_offsets{topic="chat-messages"');
  }, TRAFFIC_SEEN);
});

describe('every documented metric', () => {
  // the first test, while the sessions of this traffic are open
  it('has counted something of this traffic, unless another spec shows it counting', async () => {
    await eventually(async () => expect((await Promise.all(APPS.map(uncountedBy))).flat()).toEqual([]), TRAFFIC_SEEN);
  });

  it('that is left to another spec is documented, and read there', () => {
    const wrong = Object.entries(COUNTED_ELSEWHERE).flatMap(([section, specs]) => {
      const documented = documentedIn(section).map(({ name }) => name);
      return Object.entries(specs)
        .filter(([name, spec]) => !documented.includes(name) || !readFileSync(join(ROOT, spec), 'utf8').includes(name))
        .map(([name]) => `${section}: ${name}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe.each(INSTANCE_NAMES)('the metrics of %s', (name) => {
  it('are those of docs/metrics.md, each of its type, and no others', async () => {
    const documented = documentedOf(name).map(({ name: metric, type }) => [metric, type]);
    expect(documented.length).toBeGreaterThan(30);
    expect(Object.fromEntries(metricTypesIn(await scrapeOf(name)))).toEqual(Object.fromEntries(documented));
  });

  it('have no labels but those that are documented', async () => {
    const exposed = exposedIn([await scrapeOf(name)]);
    const unknown = documentedOf(name).flatMap(({ name: metric, labels }) => {
      const known = new Set([...COMMON_LABELS, ...labels, 'job', 'instance']);
      const samples = [metric, `${metric}_bucket`, `${metric}_sum`, `${metric}_count`];
      return samples.flatMap((sample) => [...(exposed.get(sample)?.keys() ?? [])].filter((label) => !known.has(label)));
    });
    expect(unknown).toEqual([]);
  });

  it('say that it is ready and that each part answers', async () => {
    const text = await scrapeOf(name);
    expect(text).toContain(`chat_ready{app="${appOf(name)}"} 1`);
    expect(text).toContain(`chat_dependency_up{dependency="kafka",needed="true",app="${appOf(name)}"} 1`);
    expect(text).toContain(`chat_dependency_up{dependency="postgres",needed="true",app="${appOf(name)}"} 1`);
    expect(text).not.toMatch(/^chat_dependency_up\{.* 0$/m);
  });
});

describe('a run with traffic', () => {
  it('has been counted where it happened', async () => {
    const texts = new Map(await Promise.all(INSTANCE_NAMES.map(async (name) => [name, await scrapeOf(name)] as const)));
    const uncounted = COUNTED.filter(([name, ...series]) => !counted(...series)(texts.get(name) ?? ''));
    expect(uncounted).toEqual([]);
    expect(texts.get('rooms-api')).toContain('chat_rooms_outbox_entries{');
  });

  it('has every metric, every label and every value of one that dashboards, alerts and runbooks ask for', async () => {
    const exposed = exposedIn(await Promise.all(INSTANCE_NAMES.map(scrapeOf)));
    const unknown = writtenQueries().flatMap(({ where, expr }) =>
      unknownIn(expr, exposed, RARE).map((what) => `${where}: ${what}`),
    );
    expect(unknown).toEqual([]);
  });
});
