import type { Readiness } from '@chat/service-kit';
import { findingsOf, type Finding } from './finding.ts';

const apps = findingsOf('apps');

/** An app, and what its `/readyz` said; or why it said nothing. */
export interface AppSight {
  readonly name: string;
  readonly url: string;
  readonly readiness: Readiness | null;
  readonly failure: string | null;
}

/** Whether an app takes work, by its own word. */
export function judgeApp({ name, url, readiness, failure }: AppSight): readonly Finding[] {
  if (readiness === null) {
    return [
      apps.error(
        `${name} does not answer at ${url}: ${failure ?? 'nothing was said'}`,
        'Start it, or look into its log why it ended.',
      ),
    ];
  }
  if (readiness.status === 'OUT_OF_SERVICE') {
    return [
      apps.error(`${name} takes no work: it is starting or stopping`, 'Wait; where it lasts, look into its log.'),
    ];
  }
  const down = Object.entries(readiness.dependencies).filter(([, { status }]) => status === 'DOWN');
  if (down.length === 0) return [apps.ok(`${name} is ready`)];
  const isReady = readiness.status === 'UP';
  const reasons = down.map(([dependency, { reason }]) => `${dependency} (${reason ?? 'no reason given'})`).join(', ');
  return isReady
    ? [apps.warning(`${name} is ready, but does less without ${reasons}`, `Bring back what it misses.`)]
    : [apps.error(`${name} is not ready for want of ${reasons}`, 'Mend what it misses; it becomes ready by itself.')];
}
