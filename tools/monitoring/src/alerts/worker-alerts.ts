import type { Alert } from './alert.ts';

/** Of REST, presence and the rows. */
export const WORKER_ALERTS: readonly Alert[] = [
  {
    name: 'ChatRestErrors',
    severity: 'critical',
    expr:
      'sum(rate(chat_rooms_request_seconds_count{status=~"5.."}[5m])) > 0.1 and ' +
      'sum(rate(chat_rooms_request_seconds_count{status=~"5.."}[5m])) / sum(rate(chat_rooms_request_seconds_count[5m])) > 0.02',
    for: '3m',
    summary: 'REST answers 500 and above',
    description: 'More than two in 100 requests to rooms-api fail for reasons of ours.',
    runbook: {
      means: '503 is a part that is away or too much work, 500 a fault of ours.',
      users: 'Rooms cannot be made, joined or read; open chats go on.',
      look: [
        [
          'sum by (route, status) (rate(chat_rooms_request_seconds_count{status=~"5.."}[5m]))',
          'which, and whether all routes or one.',
        ],
        ['chat_dependency_up{app="rooms-api"} == 0', 'the part.'],
      ],
      act: [
        '503: see ChatDependencyDown; without it the pool of Postgres is full or its queries are slow.',
        '500: `a request failed` in the log has the error; report it.',
      ],
      wake: 'At once.',
    },
    fires: {
      series: {
        'chat_rooms_request_seconds_count{app="rooms-api", instance="a", method="GET", route="/x", status="503"}':
          '0+60x20',
        'chat_rooms_request_seconds_count{app="rooms-api", instance="a", method="GET", route="/x", status="200"}':
          '0+60x20',
      },
      at: '10m',
      labels: {},
    },
    rests: {
      series: {
        'chat_rooms_request_seconds_count{app="rooms-api", instance="a", method="GET", route="/x", status="404"}':
          '0+60x20',
        'chat_rooms_request_seconds_count{app="rooms-api", instance="a", method="GET", route="/x", status="500"}':
          '0+1x20',
      },
      at: '10m',
    },
  },
  {
    name: 'ChatRestLimited',
    severity: 'warning',
    expr:
      'sum by (limit) (rate(chat_rooms_limited_requests_total[5m])) > 0.5 and ' +
      'sum by (limit) (rate(chat_rooms_limited_requests_total[5m])) > on () group_left () ' +
      '0.1 * sum(rate(chat_rooms_request_seconds_count[5m]))',
    for: '10m',
    summary: 'REST answers 429 to many',
    description:
      'For ten minutes more than one in ten requests to rooms-api has been over the limit of its {{ $labels.limit }}.',
    runbook: {
      means:
        '`user` is MAX_REQUESTS_PER_SECOND_PER_USER: a client that asks in a loop. `address` is MAX_REQUESTS_PER_SECOND_PER_IP: the same before anybody is signed in, or a proxy that is not named in TRUSTED_PROXIES, so that all its clients count as one.',
      users: 'Who is over the limit is told to come again in a second; behind such a proxy that is everybody.',
      look: [
        ['sum by (limit, instance) (rate(chat_rooms_limited_requests_total[5m]))', 'where, and by which limit.'],
        ['sum by (route) (rate(chat_rooms_request_seconds_count{status="429"}[5m]))', 'what is asked so often.'],
      ],
      act: [
        '`address`: compare TRUSTED_PROXIES with the addresses that requests come from (docs/security.md, “How often”).',
        'It is right: find the client in the log of the proxy, and block it there.',
      ],
      wake: 'Nobody.',
    },
    fires: {
      series: {
        'chat_rooms_limited_requests_total{app="rooms-api", instance="a", limit="address"}': '0+60x30',
        'chat_rooms_request_seconds_count{app="rooms-api", instance="a", method="GET", route="none", status="429"}':
          '0+60x30',
        'chat_rooms_request_seconds_count{app="rooms-api", instance="a", method="GET", route="/x", status="200"}':
          '0+60x30',
      },
      at: '20m',
      labels: { limit: 'address' },
    },
    rests: {
      series: {
        'chat_rooms_limited_requests_total{app="rooms-api", instance="a", limit="user"}': '0+60x30',
        'chat_rooms_request_seconds_count{app="rooms-api", instance="a", method="GET", route="/x", status="200"}':
          '0+6000x30',
      },
      at: '20m',
    },
  },
  {
    name: 'ChatRestSlow',
    severity: 'warning',
    expr: 'histogram_quantile(0.99, sum by (le) (rate(chat_rooms_request_seconds_bucket[5m]))) > 1',
    for: '5m',
    summary: 'REST answers late',
    description: 'One in 100 requests to rooms-api takes longer than a second.',
    runbook: {
      means: 'Nearly always Postgres. After 4.8 s a request is answered with 503 in any case.',
      users: 'Lists and history open slowly.',
      look: [
        [
          'histogram_quantile(0.99, sum by (le, route) (rate(chat_rooms_request_seconds_bucket[5m])))',
          'all routes: Postgres or a full process; one: its query.',
        ],
      ],
      act: [
        'Postgres: look at its CPU, its locks (`pg_stat_activity`) and whether statistics are old (ANALYZE after a restore).',
        'CPU of rooms-api at 1: add instances.',
      ],
      wake: 'Where it comes with ChatRestErrors.',
    },
    fires: {
      series: {
        'chat_rooms_request_seconds_bucket{app="rooms-api", instance="a", le="1"}': '0+10x20',
        'chat_rooms_request_seconds_bucket{app="rooms-api", instance="a", le="2.5"}': '0+20x20',
        'chat_rooms_request_seconds_bucket{app="rooms-api", instance="a", le="+Inf"}': '0+20x20',
      },
      at: '15m',
      labels: {},
    },
    rests: {
      series: {
        'chat_rooms_request_seconds_bucket{app="rooms-api", instance="a", le="0.05"}': '0+20x20',
        'chat_rooms_request_seconds_bucket{app="rooms-api", instance="a", le="+Inf"}': '0+20x20',
      },
      at: '15m',
    },
  },
  {
    name: 'ChatOutboxStuck',
    severity: 'critical',
    expr: 'max(chat_rooms_outbox_oldest_seconds) > 30',
    for: '1m',
    summary: 'Changes of rooms do not reach Kafka',
    description: 'A change of a room has waited for more than 30 seconds in the outbox.',
    runbook: {
      means:
        'The relay of rooms-api does not publish. Until it does, gateways do not know who was added, and go on serving who was removed.',
      users: 'Who was just added cannot write; who was removed still reads along: this is why it is critical.',
      look: [
        ['max(chat_rooms_outbox_entries)', 'how much waits; 100,000 is as far as it is counted.'],
        ['chat_dependency_up{app="rooms-api", dependency="kafka"}', 'whether rooms-api reaches Kafka.'],
      ],
      act: [
        '`changes of rooms wait in the outbox` in the log of rooms-api has the error.',
        'Kafka: see ChatAppendsFail.',
        'One relay works at a time, under an advisory lock: a frozen rooms-api may hold it for up to 5 s, not longer.',
      ],
      wake: 'At once.',
    },
    fires: {
      series: { 'chat_rooms_outbox_oldest_seconds{app="rooms-api", instance="a"}': '0+60x20' },
      at: '5m',
      labels: {},
    },
    rests: { series: { 'chat_rooms_outbox_oldest_seconds{app="rooms-api", instance="a"}': '1x20' }, at: '5m' },
  },
  {
    name: 'ChatPresenceUnowned',
    severity: 'critical',
    expr: 'sum(chat_presence_shards) == 0',
    for: '2m',
    summary: 'Nobody owns the shards of presence',
    description: 'presence-worker runs and owns no shard: presence stands still.',
    runbook: {
      means: 'No instance has been given partitions of session-events, or none could claim them in Redis.',
      users: 'Who comes and goes is not seen.',
      look: [['chat_dependency_up{app="presence-worker"}', 'Redis: shards are claimed there.']],
      act: [
        '`taking over partitions failed` in the log has the reason.',
        'Without one, look at the consumer group `presence-worker` in Kafka: does it have members?',
      ],
      wake: 'Whoever answers for the part that the log names.',
    },
    fires: { series: { 'chat_presence_shards{app="presence-worker", instance="a"}': '0x20' }, at: '5m', labels: {} },
    rests: {
      series: {
        'chat_presence_shards{app="presence-worker", instance="a"}': '0x20',
        'chat_presence_shards{app="presence-worker", instance="b"}': '12x20',
      },
      at: '5m',
    },
  },
  {
    name: 'ChatPresenceSweepsFail',
    severity: 'warning',
    expr: 'sum(rate(chat_presence_failed_sweeps_total[5m])) > 0.05',
    for: '3m',
    summary: 'Nobody goes offline by time alone',
    description: 'Sweeps of presence-worker fail: users whose sockets are lost stay online.',
    runbook: {
      means:
        'What time makes due is not done: grace that is over, leases of gateways that lapsed. Redis or Kafka fails in part.',
      users: 'People look online who are not.',
      look: [
        [
          'histogram_quantile(0.99, sum by (le) (rate(chat_presence_sweep_seconds_bucket[5m])))',
          'whether they take long.',
        ],
        ['chat_dependency_up{app="presence-worker"}', 'the part.'],
      ],
      act: ['`a sweep failed and comes again` in the log has the error.'],
      wake: 'Nobody.',
    },
    fires: {
      series: { 'chat_presence_failed_sweeps_total{app="presence-worker", instance="a"}': '0+30x20' },
      at: '10m',
      labels: {},
    },
    rests: {
      series: { 'chat_presence_failed_sweeps_total{app="presence-worker", instance="a"}': '0+1x20' },
      at: '10m',
    },
  },
  {
    name: 'ChatPresenceBehind',
    severity: 'warning',
    expr: 'sum(chat_kafka_consumer_lag_offsets{app="presence-worker", topic="session-events"}) > 1000',
    for: '3m',
    summary: 'Presence is late',
    description: 'presence-worker is more than 1,000 session events behind.',
    runbook: {
      means: 'More people come and go than the instances can work off, as after an outage, or Redis is slow.',
      users: 'Presence lags. Messages do not.',
      look: [
        [
          'histogram_quantile(0.99, sum by (le) (rate(chat_presence_batch_seconds_bucket[5m])))',
          'long batches are a slow Redis.',
        ],
      ],
      act: [
        'After an outage: wait, it goes down.',
        'Else add instances, up to as many as session-events has partitions.',
      ],
      wake: 'Nobody.',
    },
    fires: {
      series: {
        'chat_kafka_consumer_lag_offsets{app="presence-worker", instance="a", topic="session-events"}': '600x20',
        'chat_kafka_consumer_lag_offsets{app="presence-worker", instance="b", topic="session-events"}': '600x20',
      },
      at: '10m',
      labels: {},
    },
    rests: {
      series: {
        'chat_kafka_consumer_lag_offsets{app="presence-worker", instance="a", topic="session-events"}': '600x20',
        'chat_kafka_consumer_lag_offsets{app="presence-worker", instance="a", topic="room-events"}': '5000x20',
      },
      at: '10m',
    },
  },
  {
    name: 'ChatPersisterBehind',
    severity: 'critical',
    expr: 'sum(chat_kafka_consumer_lag_offsets{app="message-persister", topic="chat-messages"}) > 10000',
    for: '5m',
    summary: 'History is late',
    description: 'message-persister is more than 10,000 messages behind the log.',
    runbook: {
      means:
        'Messages are made faster than they are stored, or storing stands still. The log keeps them, for as long as chat-messages keeps records.',
      users:
        'Second ticks come late, history and unread counts are old, resumes wait and end with `recovered: false`. Live chat goes on.',
      look: [
        [
          'sum(rate(chat_persister_rows_total[1m]))',
          '0 stands still, else compare with what comes: `sum(rate(chat_kafka_append_records_total{app="ws-gateway"}[1m]))`.',
        ],
        [
          'histogram_quantile(0.99, sum by (le) (rate(chat_persister_batch_seconds_bucket[5m])))',
          'long batches are a slow Postgres.',
        ],
      ],
      act: [
        'Stands still: see ChatBatchesFail and ChatDependencyDown.',
        'Slow Postgres: disk, locks, autovacuum.',
        'Neither: add instances, up to as many as chat-messages has partitions.',
      ],
      wake: 'At once where it stands still; else when it would take longer than the retention of chat-messages.',
    },
    fires: {
      series: {
        'chat_kafka_consumer_lag_offsets{app="message-persister", instance="a", topic="chat-messages"}': '9000x20',
        'chat_kafka_consumer_lag_offsets{app="message-persister", instance="b", topic="chat-messages"}': '9000x20',
      },
      at: '10m',
      labels: {},
    },
    rests: {
      series: {
        'chat_kafka_consumer_lag_offsets{app="message-persister", instance="a", topic="chat-messages"}': '9000x20',
        'chat_kafka_consumer_lag_offsets{app="ws-gateway", instance="b", topic="chat-messages"}': '9000x20',
      },
      at: '10m',
    },
  },
  {
    name: 'ChatStoringSlow',
    severity: 'warning',
    expr: 'histogram_quantile(0.99, sum by (le) (rate(chat_persister_store_lag_seconds_bucket[5m]))) > 10',
    for: '5m',
    summary: 'Messages are stored late',
    description: 'Messages take longer than ten seconds from Kafka to their rows.',
    runbook: {
      means:
        'As ChatPersisterBehind, with less traffic: what there is takes long. Or clocks differ: the time begins on the machine of who made the record.',
      users: 'Second ticks come late; who comes back waits for what was missed.',
      look: [
        [
          'sum(chat_kafka_consumer_lag_offsets{app="message-persister", topic="chat-messages"})',
          '0: nothing waits, so look at clocks.',
        ],
        [
          'histogram_quantile(0.99, sum by (le) (rate(chat_persister_batch_seconds_bucket[5m])))',
          'the share of Postgres.',
        ],
      ],
      act: ['As for ChatPersisterBehind.'],
      wake: 'With ChatPersisterBehind.',
    },
    fires: {
      series: {
        'chat_persister_store_lag_seconds_bucket{app="message-persister", instance="a", le="10"}': '0+1x20',
        'chat_persister_store_lag_seconds_bucket{app="message-persister", instance="a", le="30"}': '0+20x20',
        'chat_persister_store_lag_seconds_bucket{app="message-persister", instance="a", le="+Inf"}': '0+20x20',
      },
      at: '15m',
      labels: {},
    },
    rests: {
      series: {
        'chat_persister_store_lag_seconds_bucket{app="message-persister", instance="a", le="0.1"}': '0+20x20',
        'chat_persister_store_lag_seconds_bucket{app="message-persister", instance="a", le="+Inf"}': '0+20x20',
      },
      at: '15m',
    },
  },
  {
    name: 'ChatPersisterFenced',
    severity: 'warning',
    expr: 'sum(increase(chat_persister_fenced_batches_total[15m])) > 5',
    for: '5m',
    summary: 'Two instances store the same partition',
    description: 'message-persister drops batches that another instance has stored.',
    runbook: {
      means:
        'Two instances hold one partition, more than for the moment of a take-over: one is frozen now and then, or two clusters of Kafka consumers share one database.',
      users: 'Nothing: no row comes twice. It costs time.',
      look: [['count(chat_ready{app="message-persister"} == 1)', 'how many there are, and whether you know them all.']],
      act: [
        'An instance with long pauses (`nodejs_eventloop_lag_max_seconds`): give it CPU or memory, or end it.',
        'Instances that nobody knows: a second deployment on the same database. Stop it.',
      ],
      wake: 'Nobody.',
    },
    fires: {
      series: { 'chat_persister_fenced_batches_total{app="message-persister", instance="a"}': '0+2x30' },
      at: '25m',
      labels: {},
    },
    rests: {
      series: { 'chat_persister_fenced_batches_total{app="message-persister", instance="a"}': '0 1 2x30' },
      at: '25m',
    },
  },
];
