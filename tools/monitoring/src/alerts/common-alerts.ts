import type { Alert } from './alert.ts';

const JOBS = ['rooms-api', 'ws-gateway', 'presence-worker', 'message-persister'] as const;

/** Of every app. */
export const COMMON_ALERTS: readonly Alert[] = [
  {
    name: 'ChatAppAbsent',
    severity: 'critical',
    expr: `${JOBS.map((job) => `absent(up{job="${job}"})`).join(' or ')} or max by (job) (up{job=~"${JOBS.join('|')}"}) == 0`,
    for: '1m',
    summary: 'No instance of an app answers',
    description: 'No instance of {{ $labels.job }} answers Prometheus.',
    runbook: {
      means:
        'Prometheus reaches no instance of the app: none runs, none can be reached, or it is looked for in the wrong place.',
      users:
        'rooms-api: rooms, members and history fail, chats go on. ws-gateway: nobody is connected. presence-worker: presence and ' +
        'last seen stand still. message-persister: nothing becomes history, nobody is told PERSISTED, resumes say `recovered: false`.',
      look: [
        ['up{job="ws-gateway"}', '0 is an instance that does not answer, nothing is one that is not looked for.'],
        ['time() - process_start_time_seconds', 'how long each instance has run: small values are restarts.'],
      ],
      act: [
        'Look at the orchestrator: are instances wanted, placed, and started? Exit status 78 is bad configuration, and the last line of the log names every problem of it; 1 is a fatal error, which the log gives as `the app cannot go on`.',
        'Do they run, ask one itself: `/livez` and `/readyz` of its internal listener. If they answer, the fault is in Prometheus or the network before it.',
        'After a deployment, go back to the version before it.',
      ],
      wake: 'At once, whoever answers for the platform, where instances cannot be started.',
    },
    fires: {
      series: {
        'up{job="ws-gateway", instance="a"}': '1x20',
        'up{job="rooms-api", instance="b"}': '0x20',
        'up{job="presence-worker", instance="c"}': '1x20',
        'up{job="message-persister", instance="d"}': '1x20',
      },
      at: '5m',
      labels: { job: 'rooms-api' },
    },
    rests: {
      series: {
        'up{job="ws-gateway", instance="a"}': '1x20',
        'up{job="rooms-api", instance="b"}': '1x20',
        'up{job="presence-worker", instance="c"}': '1x20',
        'up{job="message-persister", instance="d"}': '1x20',
      },
      at: '5m',
    },
  },
  {
    name: 'ChatInstanceDown',
    severity: 'warning',
    expr: `up{job=~"${JOBS.join('|')}"} == 0`,
    for: '2m',
    summary: 'An instance does not answer',
    description: '{{ $labels.instance }} of {{ $labels.job }} has not answered Prometheus for two minutes.',
    runbook: {
      means:
        'One instance of an app is gone, frozen, or cut off. The others have its work: any gateway serves anyone, partitions move within 10 s.',
      users:
        'Sessions of a dead gateway come back to another within seconds. Presence of its users may be wrong for up to 35 s.',
      look: [
        ['up{job="ws-gateway"}', 'which of them, and how many are left.'],
        ['chat_gateway_sessions', 'what the others carry now: do they have room?'],
      ],
      act: [
        'See why it ended (log, exit status, out of memory) and let the orchestrator start another.',
        'Frozen processes and broken networks: end it, so that its partitions and sessions go to others for certain.',
      ],
      wake: 'Nobody while others have room; else as for ChatAppAbsent.',
    },
    fires: {
      series: { 'up{job="ws-gateway", instance="a"}': '0x20' },
      at: '5m',
      labels: { job: 'ws-gateway', instance: 'a' },
    },
    rests: {
      series: { 'up{job="ws-gateway", instance="a"}': '0 1x20', 'up{job="kafka", instance="k"}': '0x20' },
      at: '5m',
    },
  },
  {
    name: 'ChatAppNotReady',
    severity: 'critical',
    expr:
      `max by (job) (max_over_time(up{job=~"${JOBS.join('|')}"}[2m])) == 1 ` +
      'unless on (job) (max by (job) (max_over_time(chat_ready[1m])) == 1) ' +
      'unless on (job) (max by (job, dependency) (chat_dependency_up{needed="true"}) == 0)',
    for: '2m',
    summary: 'An app runs and no instance of it takes work',
    description: 'No instance of {{ $labels.job }} has become ready for two minutes.',
    runbook: {
      means:
        'Instances start and do not get ready, end again before they are, or each misses another part. Where all of them miss one and the same part, ChatDependencyDown says so instead.',
      users: 'What ChatAppAbsent says of that app.',
      look: [
        [
          'chat_dependency_up{needed="true"} == 0',
          'the part that an instance misses; nothing at all means that it never comes so far as to ask.',
        ],
        ['time() - process_start_time_seconds', 'how long each has run: small values are starts that fail.'],
      ],
      act: [
        'Read the end of the log of an instance that has ended: `the app cannot go on` has the reason, and the last line before it says how far the start came.',
        'None ends: `/readyz` of its internal listener has a sentence about each part; OUT_OF_SERVICE is a start that hangs, or a drain.',
        'After a deployment, go back to the version before it.',
      ],
      wake: 'At once, whoever deployed last; else as for ChatAppAbsent.',
    },
    fires: {
      series: {
        'up{job="ws-gateway", instance="a"}': '1 0 1x20',
        'up{job="ws-gateway", instance="b"}': '0x20',
        'chat_ready{job="ws-gateway", app="ws-gateway", instance="a"}': '1 _ 0x20',
        'up{job="rooms-api", instance="c"}': '1x20',
        'chat_ready{job="rooms-api", app="rooms-api", instance="c"}': '1x20',
      },
      at: '6m',
      labels: { job: 'ws-gateway' },
    },
    rests: {
      series: {
        'up{job="ws-gateway", instance="a"}': '1x20',
        'chat_ready{job="ws-gateway", app="ws-gateway", instance="a"}': '0x20',
        'up{job="ws-gateway", instance="b"}': '1x20',
        'chat_ready{job="ws-gateway", app="ws-gateway", instance="b"}': '1x20',
        'up{job="rooms-api", instance="c"}': '1x20',
        'chat_ready{job="rooms-api", app="rooms-api", instance="c"}': '0x20',
        'chat_dependency_up{job="rooms-api", app="rooms-api", instance="c", dependency="postgres", needed="true"}':
          '0x20',
        'up{job="presence-worker", instance="d"}': '1 1 0x20',
        'chat_ready{job="presence-worker", app="presence-worker", instance="d"}': '1 1 _x20',
      },
      at: '6m',
    },
  },
  {
    name: 'ChatNotReady',
    severity: 'warning',
    expr: 'chat_ready == 0',
    for: '3m',
    summary: 'An instance runs and takes no work',
    description: '{{ $labels.instance }} of {{ $labels.app }} has not been ready for three minutes.',
    runbook: {
      means:
        '`/readyz` does not answer 200: a part that it needs does not answer, it is still starting, or its drain hangs.',
      users: 'Nothing while other instances are ready; where none is, ChatAppNotReady or ChatDependencyDown says so.',
      look: [
        ['chat_dependency_up == 0', 'the part that does not answer; nothing at all means that it starts or stops.'],
      ],
      act: [
        'Ask its `/readyz` ([commands](#commands)): each part has a sentence that says what is wrong with it.',
        '`log epoch` down: the log is not the one that the rows belong to (a topic made anew, or other partitions): read “The log is another” below before anything is restarted.',
        'Nothing is down and it starts for minutes: end it and read the log of the next start.',
      ],
      wake: 'With ChatDependencyDown: that alert says whom.',
    },
    fires: {
      series: { 'chat_ready{app="ws-gateway", instance="a"}': '0x20' },
      at: '5m',
      labels: { app: 'ws-gateway', instance: 'a' },
    },
    rests: { series: { 'chat_ready{app="ws-gateway", instance="a"}': '0 0 1x20' }, at: '5m' },
  },
  {
    name: 'ChatDependencyDown',
    severity: 'critical',
    expr: 'max by (app, dependency) (chat_dependency_up{needed="true"}) == 0',
    for: '1m',
    summary: 'No instance of an app reaches a part that it needs',
    description: 'No instance of {{ $labels.app }} reaches {{ $labels.dependency }}.',
    runbook: {
      means:
        'Kafka or Postgres is away, or for presence-worker Redis; or what is in them is not what the app left there (`log epoch`, `stored positions`).',
      users:
        'Postgres: history and REST fail, open sessions chat on, new ones are refused. Kafka: no SEND is accepted, which clients are told ' +
        'as UNAVAILABLE or UNKNOWN; nothing is lost that was answered. Redis: who is online stands still, messages do not.',
      look: [
        [
          'chat_dependency_up',
          'whether all apps miss the part, or one alone (then it is its network or its password).',
        ],
        ['rate(chat_kafka_append_records_total{outcome="failed"}[5m])', 'whether appends fail, too.'],
      ],
      act: [
        'Ask the part itself. `/readyz` of an app has the reason in words.',
        '`log epoch` or `stored positions`: do not restart anything, but read “The log is another” below.',
        'Bring it back; the apps need no restart. They come back within seconds, and the persister works off what has waited.',
        'Kafka with fewer in-sync replicas than `min.insync.replicas` refuses appends although brokers answer: look at the brokers that are missing.',
      ],
      wake: 'At once, whoever answers for the part.',
    },
    fires: {
      series: {
        'chat_dependency_up{app="rooms-api", instance="a", dependency="postgres", needed="true"}': '0x20',
        'chat_dependency_up{app="rooms-api", instance="b", dependency="postgres", needed="true"}': '0x20',
      },
      at: '5m',
      labels: { app: 'rooms-api', dependency: 'postgres' },
    },
    rests: {
      series: {
        'chat_dependency_up{app="rooms-api", instance="a", dependency="postgres", needed="true"}': '0x20',
        'chat_dependency_up{app="rooms-api", instance="b", dependency="postgres", needed="true"}': '1x20',
        'chat_dependency_up{app="ws-gateway", instance="a", dependency="redis", needed="false"}': '0x20',
        'chat_dependency_up{app="ws-gateway", instance="a", dependency="eureka", needed="false"}': '0x20',
      },
      at: '5m',
    },
  },
  {
    name: 'ChatOptionalPartDown',
    severity: 'warning',
    expr: 'max by (app, dependency) (chat_dependency_up{needed="false"}) == 0',
    for: '2m',
    summary: 'An app does without a part',
    description: 'No instance of {{ $labels.app }} reaches {{ $labels.dependency }}; all go on with what they can.',
    runbook: {
      means:
        'Redis or Eureka is away. What is in Redis may be lost: gateways announce their sessions again once it is back. Eureka gets every registration anew.',
      users:
        'Redis: who is online is as it was when Redis went (presence-worker needs it: ChatDependencyDown), typing stays with its gateway, ' +
        'rates count for each instance alone. Messages, history and receipts are not touched. Eureka: nothing, until instances change.',
      look: [
        [
          'chat_presence_holding_shards',
          'after Redis is back: shards that wait for gateways to announce again, for one lease (15 s).',
        ],
      ],
      act: [
        'Bring it back; either may come back empty. The apps need no restart.',
        'Redis: watch the hold-fire end.',
        'Eureka: `/readyz` says `registered` under `eureka` within 15 s; do not replace gateways while it is away, since nobody would be sent to the new ones.',
      ],
      wake: 'Whoever answers for the part, in working hours.',
    },
    fires: {
      series: { 'chat_dependency_up{app="ws-gateway", instance="a", dependency="eureka", needed="false"}': '0x20' },
      at: '5m',
      labels: { app: 'ws-gateway', dependency: 'eureka' },
    },
    rests: {
      series: {
        'chat_dependency_up{app="ws-gateway", instance="a", dependency="redis", needed="false"}': '1x20',
        'chat_dependency_up{app="ws-gateway", instance="b", dependency="redis", needed="false"}': '0x20',
        'chat_dependency_up{app="presence-worker", instance="a", dependency="redis", needed="true"}': '0x20',
      },
      at: '5m',
    },
  },
  {
    name: 'ChatLimitsNotShared',
    severity: 'warning',
    expr: 'sum by (app, of) (rate(chat_redis_unshared_total[5m])) > 0 unless on (app) max by (app) (chat_dependency_up{dependency="redis"}) == 0',
    for: '5m',
    summary: 'Limits hold for each instance alone although Redis answers',
    description:
      '{{ $labels.app }} cannot share its {{ $labels.of }} with its other instances: Redis refuses them, or takes too long.',
    runbook: {
      means:
        'Redis is there, and does not do what it is asked for: the user of REDIS_URL lacks a rule (NOPERM), it is full (OOM), a replica (READONLY), or slow.',
      users:
        'Nobody notices. Who does a thing too often may do it as often on each instance; a request that an API gateway has signed counts once on each (`proofs`).',
      look: [['sum by (instance, of) (rate(chat_redis_unshared_total[5m]))', 'whether it is all instances, or one.']],
      act: [
        '`redis does not share what all instances count together` in the log has the reason, and an `advice` where it is the login.',
        'NOPERM: give the user the rules of `libs/redis/users.acl` of this version; the apps need no restart.',
        'OOM or READONLY: it is the wrong Redis, or one without memory.',
      ],
      wake: 'Whoever answers for Redis, in working hours.',
    },
    fires: {
      series: {
        'chat_redis_unshared_total{app="rooms-api", instance="a", of="proofs"}': '0+60x30',
        'chat_dependency_up{app="rooms-api", instance="a", dependency="redis", needed="false"}': '1x30',
      },
      at: '15m',
      labels: { app: 'rooms-api', of: 'proofs' },
    },
    rests: {
      series: {
        'chat_redis_unshared_total{app="rooms-api", instance="a", of="proofs"}': '0+60x30',
        'chat_dependency_up{app="rooms-api", instance="a", dependency="redis", needed="false"}': '0x30',
        'chat_redis_unshared_total{app="ws-gateway", instance="a", of="limits"}': '5x30',
        'chat_dependency_up{app="ws-gateway", instance="a", dependency="redis", needed="false"}': '1x30',
      },
      at: '15m',
    },
  },
  {
    name: 'ChatRestarts',
    severity: 'warning',
    expr: 'changes(process_start_time_seconds{app!=""}[15m]) > 2',
    for: '0m',
    summary: 'An instance starts again and again',
    description: '{{ $labels.instance }} of {{ $labels.app }} has started more than twice in 15 minutes.',
    runbook: {
      means:
        'The process ends again and again after it has run for a while: a fatal error (1), or memory (137). One that refuses its configuration (78) ends before anybody looks at it: that is ChatInstanceDown, and where all do ChatAppAbsent.',
      users: 'Those of its sessions reconnect each time.',
      look: [['process_resident_memory_bytes', 'whether it grows until the process is killed.']],
      act: [
        'Read the end of the log of the run before: `the app cannot go on` has the reason.',
        'A consumer that could not process a record for 60 s ends the process: its topic, partition and offset are in the log. It is not a record that the persister sets aside; report it with the record.',
      ],
      wake: 'Where all instances do, ChatAppNotReady wakes.',
    },
    fires: {
      series: { 'process_start_time_seconds{app="ws-gateway", instance="a"}': '1 2 3 4x20' },
      at: '6m',
      labels: { app: 'ws-gateway', instance: 'a' },
    },
    rests: { series: { 'process_start_time_seconds{app="ws-gateway", instance="a"}': '1 2x20' }, at: '6m' },
  },
  {
    name: 'ChatEventLoopSlow',
    severity: 'warning',
    expr: 'nodejs_eventloop_lag_p99_seconds{app!=""} > 0.35',
    for: '5m',
    summary: 'The event loop of an instance is held up',
    description:
      'Work on {{ $labels.instance }} of {{ $labels.app }} waits a quarter of a second and more for its turn.',
    runbook: {
      means:
        'The one thread of the process is full, or the machine does not give it time. An idle loop shows 0.1 s: that is how often it looks.',
      users: 'Everything of that instance is late.',
      look: [
        ['rate(process_cpu_seconds_total[5m])', 'at 1 the thread is full: too much work for this instance.'],
        ['rate(nodejs_gc_duration_seconds_sum[5m])', 'how much of it is garbage collection: then memory is short.'],
      ],
      act: [
        'CPU is full: add instances (docs/operations.md says by what each app scales).',
        'CPU is not full: the machine is overcommitted, or the process is throttled by a CPU limit; raise it.',
      ],
      wake: 'With ChatFanOutSlow or ChatSendsSlow.',
    },
    fires: {
      series: { 'nodejs_eventloop_lag_p99_seconds{app="ws-gateway", instance="a"}': '0.8x20' },
      at: '10m',
      labels: { app: 'ws-gateway', instance: 'a' },
    },
    rests: { series: { 'nodejs_eventloop_lag_p99_seconds{app="ws-gateway", instance="a"}': '0.11x20' }, at: '10m' },
  },
  {
    name: 'ChatAppendsFail',
    severity: 'critical',
    expr:
      'sum by (app) (rate(chat_kafka_append_records_total{outcome="failed"}[5m])) / ' +
      'sum by (app) (rate(chat_kafka_append_records_total[5m])) > 0.05',
    for: '2m',
    summary: 'Kafka does not take what an app appends',
    description: 'More than one in 20 records that {{ $labels.app }} appends is not acknowledged.',
    runbook: {
      means:
        'Appends fail or take longer than 10 s. Each is attempted until its deadline, so a moment without a leader is no alert.',
      users:
        'SENDs are answered late, then UNAVAILABLE or UNKNOWN; clients of ours send again by themselves, and nothing comes twice.',
      look: [
        ['chat_kafka_queued_records', 'what waits; at 10,000 a partition refuses more.'],
        ['chat_dependency_up{dependency="kafka"}', 'whether brokers answer at all.'],
      ],
      act: [
        'Brokers: are there as many in-sync replicas as `min.insync.replicas` wants? Is a disk full?',
        'The log of the app says `a partition does not take records` with topic and partition: find its leader.',
      ],
      wake: 'At once, whoever answers for Kafka.',
    },
    fires: {
      series: {
        'chat_kafka_append_records_total{app="ws-gateway", instance="a", outcome="failed"}': '0+60x20',
        'chat_kafka_append_records_total{app="ws-gateway", instance="a", outcome="acknowledged"}': '0+60x20',
      },
      at: '10m',
      labels: { app: 'ws-gateway' },
    },
    rests: {
      series: {
        'chat_kafka_append_records_total{app="ws-gateway", instance="a", outcome="failed"}': '0+1x20',
        'chat_kafka_append_records_total{app="ws-gateway", instance="a", outcome="acknowledged"}': '0+600x20',
      },
      at: '10m',
    },
  },
  {
    name: 'ChatBatchesFail',
    severity: 'warning',
    expr: 'sum by (app, topic) (rate(chat_kafka_failed_batches_total[5m])) > 0.1',
    for: '10m',
    summary: 'A consumer fails at the same batch again and again',
    description: '{{ $labels.app }} does not get on with {{ $labels.topic }}.',
    runbook: {
      means:
        'A batch fails for a reason that is expected to pass (a part is away) and comes again after a pause. Reasons that are not expected to pass end the process after 60 s.',
      users:
        'What the topic is for stands still: history (`chat-messages`), ticks (`message-receipts`), presence (`session-events`).',
      look: [
        ['chat_kafka_consumer_lag_offsets', 'how much has waited so far.'],
        ['chat_dependency_up == 0', 'which part is away.'],
      ],
      act: [
        'Read `a batch failed and comes again` in the log of the app: it has the error.',
        'Bring back the part that it names.',
      ],
      wake: 'With ChatPersisterBehind.',
    },
    fires: {
      series: {
        'chat_kafka_failed_batches_total{app="message-persister", instance="a", topic="chat-messages"}': '0+12x30',
      },
      at: '20m',
      labels: { app: 'message-persister', topic: 'chat-messages' },
    },
    rests: {
      series: {
        'chat_kafka_failed_batches_total{app="message-persister", instance="a", topic="chat-messages"}': '0+1x30',
      },
      at: '20m',
    },
  },
  {
    name: 'ChatDeadLetters',
    severity: 'warning',
    expr:
      'sum by (app, topic) (increase(chat_persister_dead_letters_total[15m])) > 0 or ' +
      'sum by (app, topic) (increase(chat_presence_dead_letters_total[15m])) > 0',
    for: '0m',
    summary: 'Records were set aside',
    description: '{{ $labels.app }} has set records of {{ $labels.topic }} aside.',
    runbook: {
      means:
        'Somebody has written a record that does not count: no JSON of the contract, a wrong key, or text that cannot be stored. Our own apps write none.',
      users: 'Nothing, but for those whose message it was to be.',
      look: [['increase(chat_persister_dead_letters_total[1h])', 'how many, and of which topic.']],
      act: [
        '`npx chatctl dead-letters chat-messages`, or another topic: when, where, why, and who wrote each where that is known.',
        'Tell whoever writes them (`ce_source`). They stay for as long as the topic keeps them; what is right is to be written anew.',
      ],
      wake: 'Nobody, unless they do not end.',
    },
    fires: {
      series: {
        'chat_persister_dead_letters_total{app="message-persister", instance="a", topic="chat-messages"}': '0 0 3x20',
      },
      at: '5m',
      labels: { app: 'message-persister', topic: 'chat-messages' },
    },
    rests: {
      series: {
        'chat_persister_dead_letters_total{app="message-persister", instance="a", topic="chat-messages"}': '3x20',
        'chat_presence_dead_letters_total{app="presence-worker", instance="a", topic="room-events"}': '0x20',
      },
      at: '5m',
    },
  },
];
