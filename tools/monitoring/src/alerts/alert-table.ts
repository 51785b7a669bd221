import type { Alert } from './alert.ts';
import { COMMON_ALERTS } from './common-alerts.ts';
import { GATEWAY_ALERTS } from './gateway-alerts.ts';
import { WORKER_ALERTS } from './worker-alerts.ts';

export const ALERTS: readonly Alert[] = [...COMMON_ALERTS, ...GATEWAY_ALERTS, ...WORKER_ALERTS];

/** Every query of the alerts and of their runbooks, with the alert that it is of. */
export function alertQueries(alerts: readonly Alert[]): readonly { readonly where: string; readonly expr: string }[] {
  return alerts.flatMap(({ name, expr, runbook }) => [
    { where: name, expr },
    ...runbook.look.map(([query]) => ({ where: `the runbook of ${name}`, expr: query })),
  ]);
}
