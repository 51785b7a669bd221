import {
  chosen,
  consumingGraphs,
  failedAppends,
  failedBatches,
  healthLights,
  processGraphs,
  publishingGraphs,
  quantile,
  quantiles,
  rate,
} from './common-panels.ts';
import type { Dashboard } from './dashboard.ts';

const gateway = chosen('ws-gateway');
const rooms = chosen('rooms-api');
const presence = chosen('presence-worker');
const persister = chosen('message-persister');

/** One dashboard an app: healthy or not, then traffic, latency, saturation, errors. */
export const DASHBOARDS: readonly Dashboard[] = [
  {
    name: 'ws-gateway',
    title: 'Chat: ws-gateway',
    app: 'ws-gateway',
    lights: [
      ...healthLights('ws-gateway'),
      {
        title: 'Answer to a SEND, p99',
        expr: quantile(0.99, 'chat_gateway_send_seconds', `${gateway}, outcome="accepted"`),
        unit: 's',
        yellow: 0.5,
        red: 1,
      },
      {
        title: 'Fan-out, p99',
        expr: quantile(0.99, 'chat_gateway_fan_out_seconds', gateway),
        unit: 's',
        yellow: 0.5,
        red: 1,
      },
    ],
    rows: [
      {
        title: 'Traffic',
        graphs: [
          {
            title: 'Sessions',
            unit: 'short',
            queries: [{ expr: `chat_gateway_sessions{${gateway}}`, legend: '{{instance}}' }],
          },
          {
            title: 'Frames of clients',
            unit: 'ops',
            queries: [
              {
                expr: `sum by (command) (${rate('chat_gateway_frames_received_total', gateway)})`,
                legend: '{{command}}',
              },
            ],
          },
          {
            title: 'MESSAGE frames to clients',
            unit: 'ops',
            queries: [
              { expr: `sum by (source) (${rate('chat_gateway_deliveries_total', gateway)})`, legend: '{{source}}' },
            ],
          },
          {
            title: 'Other frames to clients',
            unit: 'ops',
            queries: [
              { expr: `sum by (command) (${rate('chat_gateway_frames_sent_total', gateway)})`, legend: '{{command}}' },
            ],
          },
          {
            title: 'Bytes',
            unit: 'Bps',
            queries: [
              { expr: `sum(${rate('chat_gateway_sent_bytes_total', gateway)})`, legend: 'sent' },
              { expr: `sum(${rate('chat_gateway_received_bytes_total', gateway)})`, legend: 'received' },
            ],
          },
          {
            title: 'Sessions opened, WebSockets ended',
            unit: 'ops',
            queries: [
              { expr: `sum(${rate('chat_gateway_connects_total', gateway)})`, legend: 'opened' },
              {
                expr: `sum by (reason, code) (${rate('chat_gateway_closes_total', gateway)})`,
                legend: '{{reason}} {{code}}',
              },
            ],
          },
          {
            title: 'Rooms subscribed to',
            about: 'Whoever asked with since and was told recovered=false may have missed messages.',
            unit: 'ops',
            queries: [
              {
                expr: `sum by (asked, recovered) (${rate('chat_gateway_room_subscriptions_total', gateway)})`,
                legend: '{{asked}}, recovered {{recovered}}',
              },
            ],
          },
        ],
      },
      {
        title: 'Latency',
        graphs: [
          {
            title: 'From a SEND to its answer',
            about: 'Accepted means that all in-sync replicas of Kafka have it.',
            unit: 's',
            queries: quantiles('chat_gateway_send_seconds', `${gateway}, outcome="accepted"`),
          },
          {
            title: 'From the record to the sockets',
            unit: 's',
            queries: quantiles('chat_gateway_fan_out_seconds', gateway),
          },
          {
            title: 'Resuming a room from the rows',
            unit: 's',
            queries: quantiles('chat_gateway_resume_seconds', gateway),
          },
          ...publishingGraphs('ws-gateway'),
        ],
      },
      {
        title: 'Saturation',
        graphs: [
          ...processGraphs('ws-gateway'),
          {
            title: 'Bytes that clients have not taken',
            unit: 'bytes',
            queries: [{ expr: `chat_gateway_outbound_queued_bytes{${gateway}}`, legend: '{{instance}}' }],
          },
          ...consumingGraphs('ws-gateway'),
          {
            title: 'Silence of a partition, where rooms are sent here',
            unit: 's',
            queries: [{ expr: `chat_gateway_feed_silence_seconds{${gateway}}`, legend: '{{instance}}' }],
          },
          {
            title: 'WebSockets, of the file descriptors',
            unit: 'percentunit',
            queries: [{ expr: `process_open_fds{${gateway}} / process_max_fds{${gateway}}`, legend: '{{instance}}' }],
          },
        ],
      },
      {
        title: 'Errors',
        graphs: [
          {
            title: 'Refusals, by code',
            unit: 'ops',
            queries: [
              { expr: `sum by (code) (${rate('chat_gateway_refusals_total', gateway)}) > 0`, legend: '{{code}}' },
            ],
          },
          {
            title: 'Refusals that nobody hears of',
            unit: 'ops',
            queries: [
              {
                expr: `sum by (code) (${rate('chat_gateway_unheard_refusals_total', gateway)}) > 0`,
                legend: '{{code}}',
              },
            ],
          },
          {
            title: 'WebSockets not opened',
            unit: 'ops',
            queries: [
              {
                expr: `sum by (reason) (${rate('chat_gateway_refused_upgrades_total', gateway)})`,
                legend: '{{reason}}',
              },
            ],
          },
          {
            title: 'Left out for slow clients',
            unit: 'ops',
            queries: [
              { expr: `sum(${rate('chat_gateway_shed_total', gateway)})`, legend: 'frames' },
              { expr: `sum(${rate('chat_gateway_dropped_marks_total', gateway)})`, legend: 'marks of delivery' },
            ],
          },
          {
            title: 'Records that repeat an earlier one',
            unit: 'ops',
            queries: [{ expr: `max(${rate('chat_gateway_repeats_total', gateway)})`, legend: 'repeats' }],
          },
          failedAppends('ws-gateway'),
        ],
      },
    ],
  },
  {
    name: 'rooms-api',
    title: 'Chat: rooms-api',
    app: 'rooms-api',
    lights: [
      ...healthLights('rooms-api'),
      {
        title: 'Answer, p99',
        expr: quantile(0.99, 'chat_rooms_request_seconds', rooms),
        unit: 's',
        yellow: 0.5,
        red: 1,
      },
      {
        title: 'Oldest in the outbox',
        expr: `max(chat_rooms_outbox_oldest_seconds{${rooms}})`,
        unit: 's',
        yellow: 5,
        red: 30,
      },
    ],
    rows: [
      {
        title: 'Traffic',
        graphs: [
          {
            title: 'Requests, by route',
            unit: 'ops',
            queries: [
              {
                expr: `sum by (method, route) (${rate('chat_rooms_request_seconds_count', rooms)})`,
                legend: '{{method}} {{route}}',
              },
            ],
          },
          {
            title: 'Requests, by status',
            unit: 'ops',
            queries: [
              { expr: `sum by (status) (${rate('chat_rooms_request_seconds_count', rooms)})`, legend: '{{status}}' },
            ],
          },
        ],
      },
      {
        title: 'Latency',
        graphs: [
          { title: 'Answer', unit: 's', queries: quantiles('chat_rooms_request_seconds', rooms) },
          {
            title: 'Answer, p99, by route',
            unit: 's',
            queries: [
              {
                expr: quantile(0.99, 'chat_rooms_request_seconds', rooms, 'method', 'route'),
                legend: '{{method}} {{route}}',
              },
            ],
          },
          ...publishingGraphs('rooms-api'),
        ],
      },
      {
        title: 'Saturation',
        graphs: [
          ...processGraphs('rooms-api'),
          {
            title: 'Waiting in the outbox',
            about:
              'Changes of rooms, of all instances. More than a few for more than seconds: Kafka does not take them.',
            unit: 'short',
            queries: [{ expr: `max(chat_rooms_outbox_entries{${rooms}})`, legend: 'entries' }],
          },
        ],
      },
      {
        title: 'Errors',
        graphs: [
          {
            title: 'Answers of 500 and above',
            unit: 'ops',
            queries: [
              {
                expr: `sum by (route, status) (${rate('chat_rooms_request_seconds_count', `${rooms}, status=~"5.."`)})`,
                legend: '{{status}} {{route}}',
              },
            ],
          },
          failedAppends('rooms-api'),
        ],
      },
    ],
  },
  {
    name: 'presence-worker',
    title: 'Chat: presence-worker',
    app: 'presence-worker',
    lights: [
      ...healthLights('presence-worker'),
      { title: 'Shards owned', expr: 'sum(chat_presence_shards)', unit: 'none', yellow: 12, red: 1, isGoodAbove: true },
      { title: 'Shards in hold-fire', expr: 'sum(chat_presence_holding_shards)', unit: 'none', yellow: 1, red: 12 },
    ],
    rows: [
      {
        title: 'Traffic',
        graphs: [
          {
            title: 'Transitions',
            unit: 'ops',
            queries: [
              { expr: `sum by (event) (${rate('chat_presence_transitions_total', presence)})`, legend: '{{event}}' },
            ],
          },
          {
            title: 'Sessions lost with their gateway',
            unit: 'ops',
            queries: [{ expr: `sum(${rate('chat_presence_lapsed_sessions_total', presence)})`, legend: 'sessions' }],
          },
        ],
      },
      {
        title: 'Latency',
        graphs: [
          {
            title: 'A batch of session events',
            unit: 's',
            queries: quantiles('chat_presence_batch_seconds', presence),
          },
          { title: 'A sweep', unit: 's', queries: quantiles('chat_presence_sweep_seconds', presence) },
          ...publishingGraphs('presence-worker'),
        ],
      },
      { title: 'Saturation', graphs: [...processGraphs('presence-worker'), ...consumingGraphs('presence-worker')] },
      {
        title: 'Errors',
        graphs: [
          {
            title: 'Sweeps that failed',
            unit: 'ops',
            queries: [{ expr: `sum(${rate('chat_presence_failed_sweeps_total', presence)})`, legend: 'sweeps' }],
          },
          {
            title: 'Dead letters',
            unit: 'ops',
            queries: [
              { expr: `sum by (topic) (${rate('chat_presence_dead_letters_total', presence)})`, legend: '{{topic}}' },
            ],
          },
          failedBatches('presence-worker'),
          failedAppends('presence-worker'),
        ],
      },
    ],
  },
  {
    name: 'message-persister',
    title: 'Chat: message-persister',
    app: 'message-persister',
    lights: [
      ...healthLights('message-persister'),
      {
        title: 'Messages behind the log',
        expr: `sum(chat_kafka_consumer_lag_offsets{${persister}, topic="chat-messages"})`,
        ...{ unit: 'short', yellow: 1_000, red: 10_000 },
      },
      {
        title: 'From record to row, p99',
        expr: quantile(0.99, 'chat_persister_store_lag_seconds', persister),
        unit: 's',
        yellow: 2.5,
        red: 10,
      },
    ],
    rows: [
      {
        title: 'Traffic',
        graphs: [
          {
            title: 'Rows and marks stored',
            unit: 'ops',
            queries: [
              { expr: `sum(${rate('chat_persister_rows_total', persister)})`, legend: 'rows' },
              { expr: `sum(${rate('chat_persister_marks_total', persister)})`, legend: 'marks' },
              { expr: `sum(${rate('chat_persister_repeats_total', persister)})`, legend: 'repeats' },
            ],
          },
          ...consumingGraphs('message-persister'),
        ],
      },
      {
        title: 'Latency',
        graphs: [
          {
            title: 'From record to row',
            about: 'So late is PERSISTED told, and so late is history.',
            unit: 's',
            queries: quantiles('chat_persister_store_lag_seconds', persister),
          },
          { title: 'Storing a batch', unit: 's', queries: quantiles('chat_persister_batch_seconds', persister) },
          ...publishingGraphs('message-persister'),
        ],
      },
      { title: 'Saturation', graphs: processGraphs('message-persister') },
      {
        title: 'Errors',
        graphs: [
          {
            title: 'Dead letters',
            unit: 'ops',
            queries: [
              { expr: `sum by (topic) (${rate('chat_persister_dead_letters_total', persister)})`, legend: '{{topic}}' },
            ],
          },
          {
            title: 'Batches that another instance had stored',
            about: 'A few at a take-over. Going on, two instances think that they own a partition.',
            unit: 'ops',
            queries: [{ expr: `sum(${rate('chat_persister_fenced_batches_total', persister)})`, legend: 'batches' }],
          },
          failedBatches('message-persister'),
          failedAppends('message-persister'),
        ],
      },
    ],
  },
];
