import { describe, expect, it } from 'vitest';
import { exposedIn, metricTypesIn, unknownIn } from './exposed-metrics.ts';

const TEXT = `# HELP chat_sends_total Sends
# TYPE chat_sends_total counter
chat_sends_total{code="a b=\\"}",app="x"} 1
# TYPE chat_seconds histogram
chat_seconds_bucket{le="+Inf",app="x"} 2
chat_sessions 3
`;
const exposed = exposedIn([TEXT, 'chat_sends_total{reason="r"} 4\n']);

describe('what a query asks for', () => {
  it.each([
    'sum by (code, reason, app, instance) (rate(chat_sends_total{job="x"}[5m]))',
    'histogram_quantile(0.99, sum by (le) (rate(chat_seconds_bucket[$__rate_interval])))',
    'chat_sends_total{reason=~"r.*", app="x", code!="never"}',
    'chat_sessions{instance=~"$instance"} / on (instance) group_left (app) chat_sends_total',
    'absent(up{job="x"} == 1) and on () (ALERTS{alertstate="firing"} > bool 0)',
  ])('is known: %s', (query) => {
    expect(unknownIn(query, exposed)).toEqual([]);
  });

  it.each([
    ['chat_sent_total', ['metric chat_sent_total']],
    ['chat_seconds', ['metric chat_seconds']],
    ['chat_sends_total{reason=~"r|s", code!="x"}', ['value s of label reason of chat_sends_total']],
    ['chat_sends_total{app="y"}', ['value y of label app of chat_sends_total']],
    ['chat_sessions{user="1"}', ['label user of chat_sessions']],
    ['sum by (le) (chat_sends_total)', ['label le of chat_sends_total']],
    ['chat_sessions - on (code) chat_sessions', ['label code of chat_sessions, chat_sessions']],
  ])('is not known: %s', (query, unknown) => {
    expect(unknownIn(query, exposed)).toEqual(unknown);
  });

  it('may be rare: a value that no healthy run shows', () => {
    const query = 'chat_sends_total{reason=~"r|s"}';
    expect(unknownIn(query, exposed, { reason: ['s'] })).toEqual([]);
    expect(unknownIn(query, exposed, { app: ['s'] })).toHaveLength(1);
  });

  it.each(['sum(chat_sessions', 'rate(chat_sends_total[5m]', '1 + 1', '{job="x"}'])(
    'is no query of ours: %s',
    (query) => {
      expect(() => unknownIn(query, exposed)).toThrow();
    },
  );
});

describe('a text of metrics', () => {
  it('names its metrics and their types, also those without a sample', () => {
    expect(Object.fromEntries(metricTypesIn(TEXT))).toEqual({ chat_sends_total: 'counter', chat_seconds: 'histogram' });
  });
});
