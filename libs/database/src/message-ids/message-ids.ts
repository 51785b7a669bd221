import { randomUUID } from 'node:crypto';
import type { MessageId } from '@chat/dto';
import { ChatError, type Clock, type Logger, type Service } from '@chat/service-kit';
import type { InstanceNumberRepository } from '../repositories/instance-number-repository.ts';
import { MessageIdGenerator } from './generator.ts';
import { INSTANCE_NUMBER_COUNT, TICK_MS, tickOf } from './layout.ts';

/** How far ahead ids may be made, in ms: a Postgres outage shorter than the rest of it is not felt. */
export const INTERVAL_MS = 3_600_000;
/** The interval is extended once less than this is left of it, in ms. */
const EXTEND_BELOW_MS = 3_300_000;
/** How often that is looked at, in ms. */
export const EXTEND_CHECK_MS = 10_000;

export interface MessageIdsOptions {
  readonly repository: Pick<InstanceNumberRepository, 'acquireNumber' | 'extendNumber' | 'releaseNumber'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Message ids of this instance. `next` needs no I/O; it throws UNAVAILABLE once Postgres was away for the whole interval. */
export interface MessageIds extends Service {
  next(): MessageId;
}

/**
 * Holds an instance number while it runs. `start` acquires it, rejects with UNAVAILABLE where all 512 are held; `stop` gives
 * it back. A number that was lost (this process was frozen for longer than the interval) is replaced by another.
 */
export function openMessageIds({ repository, clock, logger }: MessageIdsOptions): MessageIds {
  const generator = new MessageIdGenerator();
  let holder = '';
  const intervalTicks = INTERVAL_MS / TICK_MS;
  let timer: NodeJS.Timeout | undefined;
  let asking: Promise<void> | null = null;
  let isStopping = false;

  /** Each time under a new name: an answer may be lost, and what is not known to be held must not be extended or given back. */
  const acquire = async () => {
    const name = randomUUID();
    const interval = await repository.acquireNumber(name, intervalTicks);
    if (interval === null) {
      throw new ChatError('UNAVAILABLE', { message: `All ${INSTANCE_NUMBER_COUNT} instance numbers are held.` });
    }
    holder = name;
    generator.use(interval);
    logger.info({ number: interval.number }, 'instance number acquired');
  };

  const extend = async () => {
    const interval = generator.interval;
    if (interval === null) return acquire();
    const ticksLeft = interval.until - Math.max(tickOf(clock.now()), generator.unusedFrom);
    if (ticksLeft * TICK_MS >= EXTEND_BELOW_MS) return;
    const until = await repository.extendNumber(interval.number, holder, intervalTicks);
    if (until !== null) return generator.use({ ...interval, until });
    logger.warn({ number: interval.number }, 'the instance number was lost');
    await acquire();
  };

  const extendOnce = () => {
    asking ??= extend()
      .catch((error: unknown) => logger.warn({ err: error }, 'the interval of message ids was not extended'))
      .finally(() => (asking = null));
  };

  return {
    name: 'message ids',
    next: () => generator.next(clock.now()),
    async start() {
      const acquired = acquire();
      asking = acquired.catch(() => {}).finally(() => (asking = null)); // a stop in the middle of it gives the number back
      await acquired;
      if (!isStopping) timer = setInterval(extendOnce, EXTEND_CHECK_MS);
    },
    async stop() {
      isStopping = true;
      clearInterval(timer);
      await asking;
      const { unusedFrom } = generator;
      const interval = generator.close();
      if (interval !== null) await repository.releaseNumber(interval.number, holder, unusedFrom);
    },
  };
}
