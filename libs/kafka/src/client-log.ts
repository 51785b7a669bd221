import type { Logger } from '@chat/service-kit';
import { logLevel, type logCreator } from 'kafkajs';

/** kafkajs tells of joins and seeks as info; those are ours to tell, so they come as debug when debug is on. */
export const KAFKAJS_LOG_LEVEL = logLevel.INFO;

/** Where kafkajs tells of every single connection attempt: hundreds of lines in an outage. */
const CHATTY: ReadonlySet<string> = new Set(['Connection', 'RequestQueue', 'BrokerPool', 'Producer']);

/**
 * kafkajs's own log lines in ours. Its errors are mostly attempts that are made again, so they are warnings here; whoever
 * gives up says so once, as an error. Stacks are left out: they name kafkajs's files.
 */
export function kafkaLogCreator(logger: Logger): logCreator {
  const log = logger.child({ part: 'kafkajs' });
  return () =>
    ({ level, namespace, log: { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...fields } }) => {
      const line = { namespace, detail: message, ...fields };
      const isProblem = level === logLevel.ERROR || level === logLevel.WARN;
      if (isProblem && !CHATTY.has(namespace)) log.warn(line, 'kafkajs reports a problem');
      else log.debug(line, 'kafkajs reports');
    };
}
