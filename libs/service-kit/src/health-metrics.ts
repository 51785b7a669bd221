import type { Health, Readiness } from './health.ts';
import { Gauge, type Registry } from './metrics.ts';

/** What the process is, and whether it can take work: asked for anew at each scrape, as `/readyz` does. */
export function createHealthMetrics(
  registry: Registry,
  health: Pick<Health, 'readiness'>,
  about: { readonly version: string; readonly node: string },
): void {
  const registers = [registry];
  let asking: Promise<Readiness> | null = null;
  /** Metrics of one scrape are collected together: they share one round of checks. */
  const ask = () => (asking ??= health.readiness().finally(() => (asking = null)));

  new Gauge({
    name: 'chat_ready',
    help: 'Whether the instance takes work, as /readyz says: 1 or 0',
    registers,
    async collect() {
      this.set(Number((await ask()).status === 'UP'));
    },
  });
  new Gauge({
    name: 'chat_dependency_up',
    help: 'Whether a part answers: 1 or 0; needed: true where the instance is not ready without it, false where it does less; absent while the app starts or stops',
    labelNames: ['dependency', 'needed'],
    registers,
    async collect() {
      const { status, dependencies } = await ask();
      this.reset();
      if (status === 'OUT_OF_SERVICE') return;
      for (const [dependency, state] of Object.entries(dependencies)) {
        this.set({ dependency, needed: String(state.needed) }, Number(state.status === 'UP'));
      }
    },
  });
  new Gauge({
    name: 'chat_build_info',
    help: 'Always 1; its labels say what runs',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: about.version, node: about.node }, 1);
}
