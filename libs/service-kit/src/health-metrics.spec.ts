import { describe, expect, it } from 'vitest';
import { createHealthMetrics } from './health-metrics.ts';
import { Health } from './health.ts';
import { Registry } from './metrics.ts';

function scene() {
  const health = new Health();
  const registry = new Registry();
  let lookCount = 0;
  const state = { isKafkaUp: true };
  health.add({
    name: 'kafka',
    check: () => {
      lookCount += 1;
      if (!state.isKafkaUp) throw new Error('no broker answers');
    },
  });
  health.addOptional({ name: 'redis', check: () => undefined });
  createHealthMetrics(registry, health, { version: '1.2.3', node: 'v24' });
  const linesOf = async () =>
    (await registry.metrics()).split('\n').filter((line) => /^chat_(ready|dependency)/.test(line));
  return { health, registry, state, linesOf, lookCount: () => lookCount };
}

describe('the metrics of health', () => {
  it('say of an instance that takes work that it is ready, and each part up, with one look a scrape', async () => {
    const { health, linesOf, lookCount } = scene();
    health.markServing();
    expect(await linesOf()).toEqual([
      'chat_ready 1',
      'chat_dependency_up{dependency="kafka",needed="true"} 1',
      'chat_dependency_up{dependency="redis",needed="false"} 1',
    ]);
    expect(lookCount()).toBe(1);
    await linesOf();
    expect(lookCount()).toBe(2);
  });

  it('name the part that does not answer, and say whether it is needed', async () => {
    const { health, state, linesOf } = scene();
    health.markServing();
    state.isKafkaUp = false;
    expect(await linesOf()).toEqual([
      'chat_ready 0',
      'chat_dependency_up{dependency="kafka",needed="true"} 0',
      'chat_dependency_up{dependency="redis",needed="false"} 1',
    ]);
  });

  it('say nothing of parts that are not asked, while the app starts or stops', async () => {
    const { health, linesOf, lookCount } = scene();
    expect(await linesOf()).toEqual(['chat_ready 0']);
    health.markServing();
    await linesOf();
    health.markDraining();
    expect(await linesOf()).toEqual(['chat_ready 0']);
    expect(lookCount()).toBe(1);
  });

  it('say what runs', async () => {
    expect(await scene().registry.metrics()).toContain('chat_build_info{version="1.2.3",node="v24"} 1');
  });
});
