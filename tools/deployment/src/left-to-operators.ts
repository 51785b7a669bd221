/** Settings that neither chart nor compose file gives, and why: each app's own default counts until an operator says otherwise. */
export interface LeftSettings {
  readonly names: RegExp;
  readonly reason: string;
}

const LIMIT = 'a limit with a default for all; docs/limits.md says what meets it';
const ISSUER = 'what tokens are like is for their issuer to say: docs/deployment.md, what production has to set';
const OFF = 'off unless a server is named; its document says what goes with it';
const CLEAR = 'how parts are spoken to that want TLS or a login: docs/security-setup.md';
const ALONE = 'compose has one chat alone on parts of its own';

/** Few rows, so that a new setting asks where its place is. */
export const LEFT_TO_OPERATORS: readonly LeftSettings[] = [
  { names: /^(MAX|SHED)_/, reason: LIMIT },
  {
    names:
      /^(STALLED_AFTER|IDLE_AFTER|CONNECT_TIMEOUT|HEART_BEAT|PRESENCE_GRACE|PRESENCE_INTERVAL|INVITATION_LIFE)_MS$/,
    reason: LIMIT,
  },
  {
    names: /^(PRESENCE_LARGE_ROOM_ONLINE|PRESENCE_EVENTS_PER_INTERVAL|REPLAY_MAX_MESSAGES|REPLAY_CONCURRENCY)$/,
    reason: LIMIT,
  },
  {
    names: /^DATABASE_(POOL_MAX|STATEMENT_TIMEOUT_MS)$/,
    reason: 'fits the connections and the deadlines of the apps; docs/operations.md',
  },
  {
    names: /^(REPEAT_WINDOW_OFFSETS|MESSAGE_STORIES_MAX)$/,
    reason: 'memory of a gateway, which the memory that chart and compose file give is planned with',
  },
  {
    names: /^(ROOM_FEED|ROUTER_KEPT_BYTES.*)$/,
    reason: 'interest routing is on trial: docs/scaling.md, docs/guarantees.md',
  },
  {
    names: /^MESSAGE_RETENTION_DAYS$/,
    reason: 'what is removed is for who runs it to say: docs/operations.md, retention',
  },
  { names: /^JWT_(PUBLIC_KEY|JWKS_URL|ISSUER|AUDIENCE|ALGORITHMS|CLOCK_TOLERANCE_SECONDS)$/, reason: ISSUER },
  { names: /^ALLOWED_ORIGINS$/, reason: 'pages of nobody else may call unless they are named' },
  {
    names: /^TRUSTED_PROXIES$/,
    reason: 'the chart gives it with its ingress, whose addresses it must be told; else there may be no proxy',
  },
  { names: /^(KAFKA|REDIS)_(TLS|SASL)/, reason: CLEAR },
  { names: /^(EUREKA|SPRING|OTEL)_|^TRACE_TRUSTS_CALLERS$/, reason: OFF },
  { names: /^(HOST|NODE_ENV)$/, reason: 'right in the image' },
  { names: /^(PORT|INTERNAL_PORT)$/, reason: 'each container of compose has an address of its own' },
  {
    names: /^(INSTANCE_ID|INTERNAL_HOST)$/,
    reason: 'a container of compose has one address, by which the others reach it',
  },
  { names: /^(KAFKA_TOPIC_PREFIX|KAFKA_TOPIC_LAYOUT|KAFKA_CREATE_TOPICS|REDIS_KEY_PREFIX)$/, reason: ALONE },
];

/** Those of these settings that no row leaves to operators. */
export function forgotten(names: readonly string[]): string[] {
  return names.filter((name) => !LEFT_TO_OPERATORS.some((row) => row.names.test(name)));
}
