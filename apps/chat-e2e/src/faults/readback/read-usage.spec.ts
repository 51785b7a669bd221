import { describe, expect, it } from 'vitest';
import { parseUsage } from './read-usage.ts';

const METRICS = [
  '# TYPE nodejs_heap_size_used_bytes gauge',
  'nodejs_heap_size_used_bytes{app="ws-gateway"} 40000000',
  'nodejs_external_memory_bytes{app="ws-gateway"} 5000000',
  'nodejs_active_handles{type="Socket",app="ws-gateway"} 21',
  'nodejs_active_handles{type="Server",app="ws-gateway"} 2',
  'nodejs_active_handles_total{app="ws-gateway"} 23',
].join('\n');

describe('what an instance holds', () => {
  it('is in its metrics', () => {
    expect(parseUsage(METRICS)).toEqual({ memoryBytes: 45_000_000, handleCount: 23, connectionCount: 21 });
  });

  it('is not taken for nothing where a metric is missing', () => {
    expect(() => parseUsage(METRICS.replaceAll('Socket', 'Pipe'))).toThrow('the metrics have no nodejs_active_handles');
  });
});
