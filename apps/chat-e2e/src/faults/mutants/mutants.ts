import type { Rule } from '../checkers/check-history.ts';

/** One promise broken on purpose: a text of the source that is replaced, and the rule that must notice. */
export interface Mutant {
  readonly name: string;
  readonly app: 'ws-gateway' | 'message-persister';
  /** Below the root of the repository. */
  readonly file: string;
  /** Must be there exactly once, so that no mutant is the app itself. */
  readonly text: string;
  readonly replacement: string;
  /** One of these goes red. */
  readonly rules: readonly Rule[];
}

export const MUTANTS = {
  dedupeOff: {
    name: 'repeats are delivered',
    app: 'ws-gateway',
    file: 'apps/ws-gateway/src/broker/recent-messages.ts',
    text: 'return firstOf(first);',
    replacement: 'return null;',
    rules: ['nothing is seen or stored twice'],
  },
  commitBeforeInsert: {
    name: 'the position moves before the rows are there',
    app: 'message-persister',
    file: 'apps/message-persister/src/chat-messages-consumer.ts',
    text: 'const stored = await messages.saveBatch({ epoch: log.epoch, partition, expected: from, next, last, rows });',
    replacement: `
      const moved = await messages.saveBatch({ epoch: log.epoch, partition, expected: from, next, last, rows: [] });
      if (moved === null) return false;
      await new Promise((resolve) => setTimeout(resolve, 100));
      const stored = await messages.saveBatch({ epoch: log.epoch, partition, expected: next, next, last, rows });`,
    rules: ['nothing acknowledged is lost'],
  },
  concurrentSends: {
    name: 'the next batch does not wait for the one before it',
    app: 'ws-gateway',
    file: 'libs/kafka/src/partition-lane.ts',
    text: 'await (turn === undefined ? this.#appendUntilDeadline(batch) : turn.take());',
    replacement: 'await (turn === undefined ? (void this.#appendUntilDeadline(batch), null) : turn.take());',
    rules: ['a sender’s messages keep their order'],
  },
  barrierOff: {
    name: 'a resume does not wait for the rows',
    app: 'ws-gateway',
    file: 'apps/ws-gateway/src/replay/room-replay.ts',
    text: "partition, messageId);\n    if (point.storedUpTo < barrier) return 'behind';",
    replacement: 'partition, messageId);',
    rules: ['no gap is silent', 'a subscription gets everything'],
  },
  drainDrops: {
    name: 'a drain closes without answering what is in flight',
    app: 'ws-gateway',
    file: 'apps/ws-gateway/src/transport/conversation.ts',
    text: 'if (this.#inFlightCount > 0 && !this.#isEnded) await this.#inFlightAnswered(graceMs);',
    replacement: 'void graceMs;',
    rules: ['a drain answers what it has taken'],
  },
} as const satisfies Readonly<Record<string, Mutant>>;

export type MutantName = keyof typeof MUTANTS;
