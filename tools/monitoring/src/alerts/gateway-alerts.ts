import type { Alert } from './alert.ts';

/** Of who talks to clients. */
export const GATEWAY_ALERTS: readonly Alert[] = [
  {
    name: 'ChatSendsRefused',
    severity: 'critical',
    expr:
      'sum(rate(chat_gateway_refusals_total{code=~"UNAVAILABLE|UNKNOWN|OVERLOADED|INTERNAL"}[5m])) > 0.5 and ' +
      'sum(rate(chat_gateway_refusals_total{code=~"UNAVAILABLE|UNKNOWN|OVERLOADED|INTERNAL"}[5m])) / ' +
      'sum(rate(chat_gateway_frames_received_total{command=~"CONNECT|SEND|SUBSCRIBE"}[5m])) > 0.02',
    for: '3m',
    summary: 'Clients are refused for reasons of ours',
    description: 'More than two in 100 requests of clients are refused since the service cannot take them.',
    runbook: {
      means:
        'Gateways refuse SENDs, SUBSCRIBEs or CONNECTs with codes that say that it is not the fault of the client.',
      users: 'Messages stay unsent for a while (clients of ours try again), rooms do not open, sign-in fails.',
      look: [
        [
          'sum by (code) (rate(chat_gateway_refusals_total[5m]))',
          'which code: UNAVAILABLE is a part that is away, OVERLOADED is too much, UNKNOWN is Kafka, INTERNAL is a fault of ours.',
        ],
        ['chat_dependency_up == 0', 'the part.'],
      ],
      act: [
        'UNAVAILABLE, UNKNOWN: see ChatDependencyDown and ChatAppendsFail.',
        'OVERLOADED: add gateways.',
        'INTERNAL: `a request failed unexpectedly` in the log has the error; report it.',
      ],
      wake: 'At once.',
    },
    fires: {
      series: {
        'chat_gateway_refusals_total{app="ws-gateway", instance="a", code="UNAVAILABLE"}': '0+60x20',
        'chat_gateway_frames_received_total{app="ws-gateway", instance="a", command="SEND"}': '0+600x20',
      },
      at: '10m',
      labels: {},
    },
    rests: {
      series: {
        'chat_gateway_refusals_total{app="ws-gateway", instance="a", code="RATE_LIMITED"}': '0+600x20',
        'chat_gateway_refusals_total{app="ws-gateway", instance="a", code="UNAVAILABLE"}': '0+6x20',
        'chat_gateway_frames_received_total{app="ws-gateway", instance="a", command="SEND"}': '0+600x20',
      },
      at: '10m',
    },
  },
  {
    name: 'ChatSendsSlow',
    severity: 'warning',
    expr: 'histogram_quantile(0.99, sum by (le) (rate(chat_gateway_send_seconds_bucket{outcome="accepted"}[5m]))) > 1',
    for: '5m',
    summary: 'SENDs are answered late',
    description: 'One in 100 SENDs waits longer than a second for its RECEIPT.',
    runbook: {
      means: 'From the arrival of a SEND to Kafka’s acknowledgement takes too long.',
      users: 'One tick comes late. Nothing is lost: after 5 s a SEND is answered in any case.',
      look: [
        [
          'histogram_quantile(0.99, sum by (le, instance) (rate(chat_kafka_append_seconds_bucket{app="ws-gateway"}[5m])))',
          'Kafka’s share; where it is small, the gateway is slow.',
        ],
        ['nodejs_eventloop_lag_p99_seconds{app="ws-gateway"}', 'how full the gateways are.'],
      ],
      act: [
        'Kafka is slow: look at its disks and its replicas; brokers answer one request of a connection at a time, so one slow partition holds up others of its leader.',
        'Gateways are full: add some.',
      ],
      wake: 'Where it comes with ChatSendsRefused.',
    },
    fires: {
      series: {
        'chat_gateway_send_seconds_bucket{app="ws-gateway", instance="a", outcome="accepted", le="1"}': '0+10x20',
        'chat_gateway_send_seconds_bucket{app="ws-gateway", instance="a", outcome="accepted", le="2"}': '0+20x20',
        'chat_gateway_send_seconds_bucket{app="ws-gateway", instance="a", outcome="accepted", le="+Inf"}': '0+20x20',
      },
      at: '15m',
      labels: {},
    },
    rests: {
      series: {
        'chat_gateway_send_seconds_bucket{app="ws-gateway", instance="a", outcome="accepted", le="0.01"}': '0+20x20',
        'chat_gateway_send_seconds_bucket{app="ws-gateway", instance="a", outcome="accepted", le="+Inf"}': '0+20x20',
      },
      at: '15m',
    },
  },
  {
    name: 'ChatFanOutSlow',
    severity: 'critical',
    expr: 'histogram_quantile(0.99, sum by (le, instance) (rate(chat_gateway_fan_out_seconds_bucket[5m]))) > 1',
    for: '5m',
    summary: 'Messages reach clients late',
    description: 'Messages take longer than a second from Kafka to the clients of {{ $labels.instance }}.',
    runbook: {
      means:
        'A gateway reads or writes later than messages are made: it is full, its fetches are slow, or clocks differ (the time begins on the machine of who made the record).',
      users: 'The chat lags, on that gateway.',
      look: [
        [
          'chat_kafka_consumer_lag_offsets{app="ws-gateway", topic="chat-messages"}',
          'above 0 for long: it does not keep up. 0: look at clocks.',
        ],
        ['rate(process_cpu_seconds_total{app="ws-gateway"}[5m])', 'at 1 it is full.'],
      ],
      act: [
        'Full gateways: add some; sessions spread as clients reconnect.',
        'All gateways are full of reading alone: docs/scaling.md.',
        'One that lags without being full: end it, its sessions resume elsewhere.',
      ],
      wake: 'At once, where all gateways lag.',
    },
    fires: {
      series: {
        'chat_gateway_fan_out_seconds_bucket{app="ws-gateway", instance="a", le="1"}': '0+1x20',
        'chat_gateway_fan_out_seconds_bucket{app="ws-gateway", instance="a", le="5"}': '0+20x20',
        'chat_gateway_fan_out_seconds_bucket{app="ws-gateway", instance="a", le="+Inf"}': '0+20x20',
      },
      at: '15m',
      labels: { instance: 'a' },
    },
    rests: {
      series: {
        'chat_gateway_fan_out_seconds_bucket{app="ws-gateway", instance="a", le="0.01"}': '0+20x20',
        'chat_gateway_fan_out_seconds_bucket{app="ws-gateway", instance="a", le="+Inf"}': '0+20x20',
      },
      at: '15m',
    },
  },
  {
    name: 'ChatGatewayFull',
    severity: 'critical',
    expr: 'sum by (instance) (rate(chat_gateway_refused_upgrades_total{reason="connections"}[2m])) > 0',
    for: '5m',
    summary: 'A gateway is full and turns clients away',
    description: '{{ $labels.instance }} has had no room for a connection for five minutes, again and again.',
    runbook: {
      means:
        'A gateway has MAX_CONNECTIONS, and clients go on coming to it. One that was turned away once wakes nobody.',
      users: 'Who is turned away comes in elsewhere, where there is room; where all are full, not at all.',
      look: [
        ['chat_gateway_connections', 'how full each gateway is: one alone is a balancer that prefers it.'],
        ['sum(rate(chat_gateway_connects_total[1m]))', 'how many come.'],
      ],
      act: [
        'All are near MAX_CONNECTIONS: add gateways, or raise it where memory allows (docs/operations.md, capacity).',
        'One alone: let the balancer choose by fewest connections; new gateways get none of the old sessions by themselves.',
      ],
      wake: 'Where gateways cannot be added.',
    },
    fires: {
      series: { 'chat_gateway_refused_upgrades_total{app="ws-gateway", instance="a", reason="connections"}': '0+6x20' },
      at: '10m',
      labels: { instance: 'a' },
    },
    rests: {
      series: {
        'chat_gateway_refused_upgrades_total{app="ws-gateway", instance="a", reason="rate"}': '0+6x20',
        'chat_gateway_refused_upgrades_total{app="ws-gateway", instance="a", reason="connections"}': '7 7 7 8 8 8 9x20',
      },
      at: '9m',
    },
  },
  {
    name: 'ChatConnectsLimited',
    severity: 'warning',
    expr:
      'sum by (reason) (rate(chat_gateway_refused_upgrades_total{reason=~"rate|address"}[5m])) > 0.5 and ' +
      'sum by (reason) (rate(chat_gateway_refused_upgrades_total{reason=~"rate|address"}[5m])) > on () group_left () ' +
      '(sum(rate(chat_gateway_connects_total[5m])) or vector(0))',
    for: '10m',
    summary: 'More connections are put off than let in',
    description: 'For ten minutes more WebSockets have met a limit ({{ $labels.reason }}) than sessions were opened.',
    runbook: {
      means:
        '`rate` is MAX_CONNECTS_PER_SECOND of a gateway, which a crowd meets that comes back after an outage. `address` is MAX_CONNECTS_PER_SECOND_PER_IP: somebody who knocks without end, or a proxy that is not named in TRUSTED_PROXIES, so that all its clients count as one.',
      users: 'Clients come back later or elsewhere; after an outage it takes longer until all are back.',
      look: [
        ['sum(rate(chat_gateway_connects_total[1m]))', 'how many come in meanwhile.'],
        ['sum by (instance, reason) (rate(chat_gateway_refused_upgrades_total[5m]))', 'where, and by which limit.'],
      ],
      act: [
        '`rate`: wait for the crowd to be in; where it goes on, add gateways.',
        '`address`: compare TRUSTED_PROXIES with the addresses that connections come from (docs/security.md, “How often”); if it is right, block whoever knocks at the proxy.',
      ],
      wake: 'Nobody; ChatGatewayFull and ChatNobodySignsIn do.',
    },
    fires: {
      series: {
        'chat_gateway_refused_upgrades_total{app="ws-gateway", instance="a", reason="address"}': '0+60x30',
        'chat_gateway_connects_total{app="ws-gateway", instance="a", version="1.2"}': '0+1x30',
      },
      at: '20m',
      labels: { reason: 'address' },
    },
    rests: {
      series: {
        'chat_gateway_refused_upgrades_total{app="ws-gateway", instance="a", reason="rate"}': '0+60x30',
        'chat_gateway_refused_upgrades_total{app="ws-gateway", instance="a", reason="path"}': '0+6000x30',
        'chat_gateway_connects_total{app="ws-gateway", instance="a", version="1.2"}': '0+600x30',
      },
      at: '20m',
    },
  },
  {
    name: 'ChatFilesRunOut',
    severity: 'warning',
    expr: 'process_open_fds{app!=""} / process_max_fds{app!=""} > 0.8',
    for: '5m',
    summary: 'An instance is about to run out of file descriptors',
    description: '{{ $labels.instance }} of {{ $labels.app }} has opened more than 80 % of the files that it may.',
    runbook: {
      means: 'Each WebSocket is a file descriptor, and the system’s limit (`ulimit -n`) is near.',
      users: 'Nothing yet; beyond it connections fail without a word.',
      look: [['chat_gateway_connections', 'whether it is clients.']],
      act: [
        'Raise `nofile` of the process above MAX_CONNECTIONS, or lower that.',
        'No clients, and it grows: a leak; restart it and report it with `nodejs_active_handles`.',
      ],
      wake: 'Nobody.',
    },
    fires: {
      series: {
        'process_open_fds{app="ws-gateway", instance="a"}': '900x20',
        'process_max_fds{app="ws-gateway", instance="a"}': '1024x20',
      },
      at: '10m',
      labels: { app: 'ws-gateway', instance: 'a' },
    },
    rests: {
      series: {
        'process_open_fds{app="ws-gateway", instance="a"}': '90x20',
        'process_max_fds{app="ws-gateway", instance="a"}': '1024x20',
      },
      at: '10m',
    },
  },
  {
    name: 'ChatClientsTooSlow',
    severity: 'warning',
    expr: 'sum(increase(chat_gateway_closes_total{reason="OVERLOADED"}[10m])) > 10 and sum(increase(chat_gateway_closes_total{reason="OVERLOADED"}[10m])) > 0.05 * sum(chat_gateway_sessions)',
    for: '5m',
    summary: 'Many clients do not keep up',
    description: 'More than one in 20 sessions was closed in ten minutes since its client did not take its frames.',
    runbook: {
      means:
        'Clients are closed with 1013: what waits for them is over MAX_OUTBOUND_BYTES, or they take nothing for too long. Many at once is a network, not clients.',
      users: 'They reconnect and resume.',
      look: [
        ['chat_gateway_outbound_queued_bytes', 'what waits, by gateway: one alone has a network of its own.'],
        ['sum(rate(chat_gateway_shed_total[5m]))', 'presence and typing that were left out before.'],
      ],
      act: [
        'One gateway: look at its network, or end it.',
        'All: look at the proxy in front, which may buffer or be full.',
        'Rooms with very many messages: their clients cannot read so fast; see docs/limits.md.',
      ],
      wake: 'Whoever answers for the network, where it goes on.',
    },
    fires: {
      series: {
        'chat_gateway_closes_total{app="ws-gateway", instance="a", reason="OVERLOADED", code="1013"}': '0+10x30',
        'chat_gateway_sessions{app="ws-gateway", instance="a"}': '100x30',
      },
      at: '20m',
      labels: {},
    },
    rests: {
      series: {
        'chat_gateway_closes_total{app="ws-gateway", instance="a", reason="OVERLOADED", code="1013"}': '0+2x30',
        'chat_gateway_closes_total{app="ws-gateway", instance="a", reason="NORMAL", code="1000"}': '0+99x30',
        'chat_gateway_sessions{app="ws-gateway", instance="a"}': '10000x30',
      },
      at: '20m',
    },
  },
  {
    name: 'ChatResumesIncomplete',
    severity: 'warning',
    expr:
      'sum(rate(chat_gateway_room_subscriptions_total{asked="since", recovered="false"}[10m])) / ' +
      'sum(rate(chat_gateway_room_subscriptions_total{asked="since"}[10m])) > 0.1',
    for: '10m',
    summary: 'Clients that come back are told that something is missing',
    description: 'More than one in ten resumes ends with recovered: false.',
    runbook: {
      means:
        'What a client missed could not be given to it: the persister is behind, Postgres is away, or clients were away for more messages than are replayed.',
      users: 'Clients of ours read the history by REST instead; others show a gap.',
      look: [
        [
          'sum(chat_kafka_consumer_lag_offsets{app="message-persister", topic="chat-messages"})',
          'whether the rows are behind the log.',
        ],
        [
          'histogram_quantile(0.99, sum by (le) (rate(chat_gateway_resume_seconds_bucket[5m])))',
          'whether the rows are slow to read.',
        ],
      ],
      act: [
        'See ChatPersisterBehind.',
        'Neither: what is replayed at most is a limit of the gateway (docs/limits.md).',
      ],
      wake: 'Nobody.',
    },
    fires: {
      series: {
        'chat_gateway_room_subscriptions_total{app="ws-gateway", instance="a", asked="since", recovered="false"}':
          '0+5x40',
        'chat_gateway_room_subscriptions_total{app="ws-gateway", instance="a", asked="since", recovered="true"}':
          '0+5x40',
      },
      at: '30m',
      labels: {},
    },
    rests: {
      series: {
        'chat_gateway_room_subscriptions_total{app="ws-gateway", instance="a", asked="history", recovered="false"}':
          '0+5x40',
        'chat_gateway_room_subscriptions_total{app="ws-gateway", instance="a", asked="since", recovered="true"}':
          '0+5x40',
      },
      at: '30m',
    },
  },
  {
    name: 'ChatNobodySignsIn',
    severity: 'critical',
    expr:
      'sum(rate(chat_gateway_refusals_total{code="UNAUTHENTICATED"}[5m])) > 0.1 and ' +
      '(sum(increase(chat_gateway_connects_total[5m])) or vector(0)) == 0',
    for: '5m',
    summary: 'Tokens are refused, and none is taken',
    description: 'For ten minutes nobody has come in, and tokens are refused.',
    runbook: {
      means:
        'Tokens are not signed by a key that the gateways know: keys were changed, the key set cannot be fetched, issuer or audience do not fit, or clocks differ.',
      users: 'They cannot sign in; who is in stays until the token expires.',
      look: [
        [
          'sum by (instance) (rate(chat_gateway_refusals_total{code="UNAUTHENTICATED"}[5m]))',
          'all gateways: keys; one alone: its configuration or its clock.',
        ],
      ],
      act: [
        'Compare `kid`, `iss` and `aud` of a token of today with the configuration (JWT_… in the README of ws-gateway).',
        'Fetch the key set from where a gateway runs.',
      ],
      wake: 'At once, whoever answers for identity.',
    },
    fires: {
      series: {
        'chat_gateway_refusals_total{app="ws-gateway", instance="a", code="UNAUTHENTICATED"}': '0+60x20',
        'chat_gateway_connects_total{app="ws-gateway", instance="a", version="1.2"}': '7x20',
      },
      at: '15m',
      labels: {},
    },
    rests: {
      series: {
        'chat_gateway_refusals_total{app="ws-gateway", instance="a", code="UNAUTHENTICATED"}': '0+60x20',
        'chat_gateway_connects_total{app="ws-gateway", instance="a", version="1.2"}': '0 0 0 1 1 1 1 2 2 2 2 3x20',
      },
      at: '12m',
    },
  },
  {
    name: 'ChatTokensRefused',
    severity: 'warning',
    expr:
      'sum(rate(chat_gateway_refusals_total{code="UNAUTHENTICATED"}[5m])) > 2 and ' +
      'sum(rate(chat_gateway_refusals_total{code="UNAUTHENTICATED"}[5m])) > (sum(rate(chat_gateway_connects_total[5m])) or vector(0))',
    for: '10m',
    summary: 'More tokens are refused than taken',
    description: 'For ten minutes more CONNECTs have been refused for their token than sessions were opened.',
    runbook: {
      means:
        'Clients come back with tokens that have expired and do not fetch new ones, some tokens are signed by a key that is not known (in the middle of a change of keys, or by one of several issuers), or somebody tries tokens.',
      users: 'Those whose tokens are refused cannot sign in; where that is everybody, ChatNobodySignsIn wakes.',
      look: [
        [
          'sum by (instance) (rate(chat_gateway_refusals_total{code="UNAUTHENTICATED"}[5m]))',
          'all gateways: clients or keys; one alone: its configuration or its clock.',
        ],
      ],
      act: [
        'As for ChatNobodySignsIn, with a token of somebody who cannot sign in.',
        'Tokens that have expired: a client has to fetch a new one before it comes back (docs/security.md).',
        'From few addresses only: block them at the proxy.',
      ],
      wake: 'Nobody.',
    },
    fires: {
      series: {
        'chat_gateway_refusals_total{app="ws-gateway", instance="a", code="UNAUTHENTICATED"}': '0+180x20',
        'chat_gateway_connects_total{app="ws-gateway", instance="a", version="1.2"}': '0+1x20',
      },
      at: '20m',
      labels: {},
    },
    rests: {
      series: {
        'chat_gateway_refusals_total{app="ws-gateway", instance="a", code="UNAUTHENTICATED"}': '0+60x30',
        'chat_gateway_connects_total{app="ws-gateway", instance="a", version="1.2"}': '0+1x30',
      },
      at: '20m',
    },
  },
  {
    name: 'ChatGatewayBehind',
    severity: 'critical',
    expr: 'chat_kafka_consumer_lag_offsets{app="ws-gateway", topic=~"chat-messages|room-feed"} > 1000',
    for: '2m',
    summary: 'A gateway does not keep up with the log',
    description: '{{ $labels.instance }} is more than 1,000 records behind the log of {{ $labels.topic }}.',
    runbook: {
      means:
        'A gateway reads slower than messages are made, or does not read. One that stands still for 20 s ends itself. With ROOM_FEED=interest `chat-messages` is what it routes for all, `room-feed` what it is sent for its own rooms.',
      users: 'The chat lags on that gateway; of a router, in the rooms of its partitions on every gateway.',
      look: [
        [
          'rate(chat_kafka_consumed_records_total{app="ws-gateway", topic=~"chat-messages|room-feed"}[1m])',
          'whether it reads at all, and how fast.',
        ],
        ['rate(process_cpu_seconds_total{app="ws-gateway"}[5m])', 'whether it is full.'],
      ],
      act: [
        'It is full: add gateways, or route by interest (docs/scaling.md) where reading alone fills it.',
        'It is not: end it, its sessions resume elsewhere.',
      ],
      wake: 'At once, where it is all of them.',
    },
    fires: {
      series: {
        'chat_kafka_consumer_lag_offsets{app="ws-gateway", instance="a", topic="room-feed"}': '5000x20',
        'chat_kafka_consumer_lag_offsets{app="ws-gateway", instance="a", topic="chat-messages"}': '0x20',
      },
      at: '5m',
      labels: { app: 'ws-gateway', instance: 'a', topic: 'room-feed' },
    },
    rests: {
      series: { 'chat_kafka_consumer_lag_offsets{app="ws-gateway", instance="a", topic="chat-messages"}': '5000 0x20' },
      at: '5m',
    },
  },
  {
    name: 'ChatPartitionSilent',
    severity: 'critical',
    expr: 'chat_gateway_feed_silence_seconds{app="ws-gateway"} > 15',
    for: '1m',
    summary: 'A part of the messages does not come to a gateway',
    description: '{{ $labels.instance }} has had no answer about a partition of chat-messages for more than a minute.',
    runbook: {
      means:
        'With ROOM_FEED=interest gateways send each other their rooms. Of a partition nothing is known to come: nobody says that he routes it, or who does has not answered this gateway. While a killed router is replaced this lasts until the others have noticed, 8 s, and the next one has read back.',
      users:
        'In some of the rooms nothing appears, on some gateways or on all; SENDs have their RECEIPT and are kept. New SUBSCRIBEs of these rooms are refused with UNAVAILABLE.',
      look: [
        ['chat_gateway_feed_silence_seconds > 5', 'one gateway, or all: then it is the router.'],
        [
          'sum by (instance) (rate(chat_gateway_feed_records_total{step="judged"}[1m]))',
          'who routes; one that judges nothing although it always did may be stuck.',
        ],
        ['chat_kafka_consumer_lag_offsets{app="ws-gateway", topic=~"chat-messages|room-feed"}', 'who does not read.'],
      ],
      act: [
        '`/readyz` of the gateway names the partition, and it is not ready from 20 s on. One that routes a partition itself and does not hear it ends after 20 s; one that does not hear another ends after 60 to 90 s.',
        'It is one gateway: end it, its sessions resume elsewhere.',
        'It is all of them: `a router could not be told what is held` in their logs, or an `append` that fails, is Kafka: see ChatAppendsFail. Else end the gateways that judge nothing, one by one; each start shares the partitions anew.',
        'It stays: `ROOM_FEED=full` needs no router. Gateways may be changed over one by one.',
      ],
      wake: 'At once, where it is all of them.',
    },
    fires: {
      series: { 'chat_gateway_feed_silence_seconds{app="ws-gateway", instance="a"}': '0+60x20' },
      at: '5m',
      labels: { app: 'ws-gateway', instance: 'a' },
    },
    rests: {
      series: { 'chat_gateway_feed_silence_seconds{app="ws-gateway", instance="a"}': '1 1 16 1x20' },
      at: '5m',
    },
  },
];
