import { CHAT_ERRORS } from '@chat/dto';
import { createConsumerMetrics, createPublisherMetrics } from '@chat/kafka';
import { createUnsharedMetric } from '@chat/redis';
import { Counter, Gauge, Histogram, startAtZero, type Registry } from '@chat/service-kit';
import { PROTOCOL_ERRORS, STOMP_VERSIONS } from '@chat/stomp';
import { CLOSE_REASONS } from './stomp/close-reasons.ts';
import { SESSION_ERRORS } from './stomp/session-errors.ts';
import { CLOSE_CODES, type EndReason } from './transport/close-codes.ts';

/** From a message that finds an idle gateway to one that is late for everybody, in seconds. */
const LAG_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];
/** What is done with a record of `chat-messages` that comes to an instance, or goes from it to another one. */
const FEED_STEPS = ['read', 'judged', 'left_out', 'sent', 'received'] as const;
/** Up to the 5 s in which everything is answered. */
const ANSWER_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
/** RFC 6455 §7.4.1: no close frame came. */
export const LOST_CODE = 1006;
/** What clients close with: done, going away, and no code at all. */
const CLIENT_CODES = [1000, 1001, 1005];

/** As metrics call a heart-beat, which they count beside the commands of frames. */
export const HEART_BEAT_COMMAND = 'HEART_BEAT';
/** All that ERROR and the error queue may say. */
const REFUSAL_CODES = [CHAT_ERRORS, SESSION_ERRORS, PROTOCOL_ERRORS].flatMap((table) => Object.keys(table));

/** What the sockets of this instance have carried; written to with plain additions, read at each scrape. */
export interface Traffic {
  receivedBytes: number;
  sentBytes: number;
  writes: number;
}

/** What the sockets hold now. */
export interface SocketSums {
  readonly connectionCount: number;
  readonly queuedBytes: number;
}

/** Every metric of the gateway. Labels are bounded: no user, room or session in them. */
export function createGatewayMetrics(registry: Registry, sessionCount: () => number = () => 0) {
  const registers = [registry];
  const traffic: Traffic = { receivedBytes: 0, sentBytes: 0, writes: 0 };
  let sumSockets: () => SocketSums = () => ({ connectionCount: 0, queuedBytes: 0 });
  let feedSilenceMs: () => number = () => 0;
  const tallied = (name: string, help: string, value: () => number) =>
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  const summed = (name: string, help: string, value: (sums: SocketSums) => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(value(sumSockets()));
      },
    });

  const deliveries = startAtZero(
    new Counter({
      name: 'chat_gateway_deliveries_total',
      help: 'MESSAGE frames handed to sessions, by what they came from: a topic, typing, notifications, errors, or pongs',
      labelNames: ['source'],
      registers,
    }),
    'source',
    DELIVERY_SOURCES,
  );
  tallied('chat_gateway_received_bytes_total', 'Bytes of WebSocket messages from clients', () => traffic.receivedBytes);
  tallied('chat_gateway_sent_bytes_total', 'Bytes of WebSocket frames written to sockets', () => traffic.sentBytes);
  tallied('chat_gateway_writes_total', 'Writes to sockets; each has the frames of a turn', () => traffic.writes);
  summed(
    'chat_gateway_connections',
    'Open WebSockets, those before CONNECTED included',
    (sums) => sums.connectionCount,
  );
  summed(
    'chat_gateway_outbound_queued_bytes',
    'Bytes that clients have not taken yet, over all WebSockets',
    (sums) => sums.queuedBytes,
  );

  new Gauge({
    name: 'chat_gateway_feed_silence_seconds',
    help: 'For how long a partition of chat-messages has not been known to come here, the one that is missed longest: nobody routes it, or who does has not answered. 0 where this instance reads all itself',
    registers,
    collect() {
      this.set(feedSilenceMs() / 1_000);
    },
  });

  return {
    traffic,
    /** Has what the sockets hold summed up at each scrape. */
    watchSockets(sum: () => SocketSums): void {
      sumSockets = sum;
    },
    /** Has it asked at each scrape for how long the partition that is missed longest is, in ms. */
    watchFeed(silenceMs: () => number): void {
      feedSilenceMs = silenceMs;
    },
    deliveries,
    sessions: new Gauge({
      name: 'chat_gateway_sessions',
      help: 'Connected sessions of this instance',
      registers,
      collect() {
        this.set(sessionCount());
      },
    }),
    connects: startAtZero(
      new Counter({
        name: 'chat_gateway_connects_total',
        help: 'Sessions that were opened, by version of STOMP',
        labelNames: ['version'],
        registers,
      }),
      'version',
      STOMP_VERSIONS,
    ),
    closes: createCloses(registry),
    limitedSends: startAtZero(
      new Counter({
        name: 'chat_gateway_limited_sends_total',
        help: 'SENDs refused because there were too many, a transaction as one, by the limit that they were over: user, room',
        labelNames: ['limit'],
        registers,
      }),
      'limit',
      ['user', 'room'],
    ),
    refusedUpgrades: startAtZero(
      new Counter({
        name: 'chat_gateway_refused_upgrades_total',
        help: 'WebSockets not opened, by reason: path, origin, token, draining, connections, address, rate',
        labelNames: ['reason'],
        registers,
      }),
      'reason',
      ['path', 'origin', 'token', 'draining', 'connections', 'address', 'rate'],
    ),
    framesReceived: startAtZero(
      new Counter({
        name: 'chat_gateway_frames_received_total',
        help: 'Frames of clients, by command; HEART_BEAT is the EOL between them',
        labelNames: ['command'],
        registers,
      }),
      'command',
      ['CONNECT', 'SUBSCRIBE', 'SEND', HEART_BEAT_COMMAND],
    ),
    framesSent: startAtZero(
      new Counter({
        name: 'chat_gateway_frames_sent_total',
        help: 'Frames to clients, by command, but for MESSAGE, which chat_gateway_deliveries_total counts',
        labelNames: ['command'],
        registers,
      }),
      'command',
      ['CONNECTED', 'RECEIPT', 'ERROR', HEART_BEAT_COMMAND],
    ),
    sendSeconds: new Histogram({
      name: 'chat_gateway_send_seconds',
      help: 'From the arrival of a message, an edit, or a COMMIT to its answer, by outcome: accepted (all in-sync replicas have it), refused',
      labelNames: ['outcome'],
      buckets: ANSWER_BUCKETS,
      registers,
    }),
    fanOutSeconds: new Histogram({
      name: 'chat_gateway_fan_out_seconds',
      help: 'From when a record of chat-messages was made to its write to the sockets here; of each batch that somebody here gets, the last such record',
      buckets: LAG_BUCKETS,
      registers,
    }),
    shed: new Counter({
      name: 'chat_gateway_shed_total',
      help: 'Frames that slow clients may miss and did miss, such as presence, typing and notifications',
      registers,
    }),
    repeats: new Counter({
      name: 'chat_gateway_repeats_total',
      help: 'Records of chat-messages that repeat an earlier one',
      registers,
    }),
    feedRecords: startAtZero(
      new Counter({
        name: 'chat_gateway_feed_records_total',
        help: 'Records of chat-messages, by what this instance did: read (all of them), or judged as a router, left out as too long, sent, and received',
        labelNames: ['step'],
        registers,
      }),
      'step',
      FEED_STEPS,
    ),
    resumes: new Counter({
      name: 'chat_gateway_room_subscriptions_total',
      help: 'Subscriptions to rooms that went live, by what they asked for (none, history, since) and whether all of it came (recovered)',
      labelNames: ['asked', 'recovered'],
      registers,
    }),
    resumeSeconds: new Histogram({
      name: 'chat_gateway_resume_seconds',
      help: 'From a SUBSCRIBE with history or since to its going live, where the rows were asked',
      buckets: ANSWER_BUCKETS,
      registers,
    }),
    droppedMarks: new Counter({
      name: 'chat_gateway_dropped_marks_total',
      help: 'Marks of delivery that were left out because too many waited',
      registers,
    }),
    receiptLooks: new Counter({
      name: 'chat_gateway_receipt_looks_total',
      help: "Times that the rows were asked what became of a sender's messages in a room",
      registers,
    }),
    refusals: startAtZero(
      new Counter({
        name: 'chat_gateway_refusals_total',
        help: 'Refusals told to clients, by ERROR or on the error queue, by code',
        labelNames: ['code'],
        registers,
      }),
      'code',
      REFUSAL_CODES,
    ),
    unheardRefusals: startAtZero(
      new Counter({
        name: 'chat_gateway_unheard_refusals_total',
        help: 'Refusals that nobody asked to hear of, by code',
        labelNames: ['code'],
        registers,
      }),
      'code',
      Object.keys(CHAT_ERRORS),
    ),
    unshared: createUnsharedMetric(registry, ['limits']),
    publishing: createPublisherMetrics(registry),
    consuming: createConsumerMetrics(registry),
  };
}

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

const DELIVERY_SOURCES = [
  'chat-messages',
  'presence-messages',
  'command-messages',
  'message-receipts',
  'typing',
  'notifications',
  'errors',
  'pongs',
] as const;

/** Ends of WebSockets: each counts once, whoever ended it. */
function createCloses(registry: Registry) {
  const counter = new Counter({
    name: 'chat_gateway_closes_total',
    help:
      `Ends of WebSockets, by reason and close code: ${CLOSE_REASONS.join(', ')} by the gateway, SILENT where it cut one that ` +
      `was silent, CLIENT by the client (with ${CLIENT_CODES.join(', ')} or other), LOST without a close`,
    labelNames: ['reason', 'code'],
    registers: [registry],
  });
  for (const reason of CLOSE_REASONS) counter.inc({ reason, code: CLOSE_CODES[reason].code }, 0);
  for (const reason of ['SILENT', 'LOST']) counter.inc({ reason, code: LOST_CODE }, 0);
  for (const code of [...CLIENT_CODES, 'other']) counter.inc({ reason: 'CLIENT', code }, 0);
  return counter;
}

/** The labels of one end; `clientCode` is that of the client's close frame. */
export function closeLabelsOf(reason: EndReason, clientCode: number) {
  if (reason === 'SILENT' || reason === 'LOST') return { reason, code: LOST_CODE };
  if (reason !== 'CLIENT') return { reason, code: CLOSE_CODES[reason].code };
  return { reason, code: CLIENT_CODES.find((known) => known === clientCode) ?? 'other' };
}
