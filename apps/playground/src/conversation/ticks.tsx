import type { MessageStatus } from '@chat/client';

/** What became of a message, also before it is in the log. */
export type Fate = MessageStatus | 'QUEUED' | 'SENDING';

const WORDS = {
  QUEUED: ['waits', 'waits for a connection'],
  SENDING: ['sending', 'on its way'],
  SENT: ['sent', 'SENT: Kafka has it'],
  PERSISTED: ['stored', 'PERSISTED: it is a row in Postgres'],
  DELIVERED: ['delivered', 'DELIVERED: every recipient’s client has it'],
  READ: ['read', 'READ: every recipient has read it'],
} as const satisfies Record<Fate, readonly [word: string, title: string]>;

const ONE = 'M2 8.5 5.5 12 13 4';
const TWO = 'M9 12 16.5 4';
const CLOCK = 'M9 2.5a5.5 5.5 0 1 0 .01 0zM9 5v3.2l2.2 1.3';

/** One tick of a message of one's own; the word beside it says the same. */
export function Ticks({ fate }: { readonly fate: Fate }) {
  const [word, title] = WORDS[fate];
  const isUnderWay = fate === 'QUEUED' || fate === 'SENDING';
  const hasTwo = fate === 'DELIVERED' || fate === 'READ';
  return (
    <span className="ticks" data-fate={fate} title={title}>
      <svg viewBox="0 0 18 16" width="18" height="16" aria-hidden="true">
        <path d={isUnderWay ? CLOCK : `${ONE}${hasTwo ? TWO : ''}`} />
        {fate === 'PERSISTED' && <path d="M2 15h11" />}
      </svg>
      {word}
    </span>
  );
}
