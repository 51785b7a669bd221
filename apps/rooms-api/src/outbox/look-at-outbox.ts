import type { Repositories } from '@chat/database';
import { withDeadline, type Logger } from '@chat/service-kit';
import { OUTBOX_COUNTED_MAX, OUTBOX_LOOK_DEADLINE_MS } from '../limits.ts';
import type { OutboxBacklog } from '../metrics.ts';

/** What waits in the outbox; null where Postgres does not say so in time. */
export async function lookAtOutbox(
  outbox: Pick<Repositories['outbox'], 'measureBacklog'>,
  logger: Logger,
): Promise<OutboxBacklog | null> {
  try {
    const measured = outbox.measureBacklog(OUTBOX_COUNTED_MAX);
    return await withDeadline(measured, OUTBOX_LOOK_DEADLINE_MS, 'looking at the outbox');
  } catch (error) {
    logger.debug({ err: error }, 'nobody knows what waits in the outbox');
    return null;
  }
}
