import { Readable } from 'node:stream';
import { ChatError } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { FailedQuietly } from './failure.ts';
import { sendLines, type LineOutcome } from './send-lines.ts';

type Send = (text: string) => Promise<number>;

/** Sends the input; what was told, and how it ended. */
async function sent(input: string, send: Send) {
  const told: LineOutcome[] = [];
  const failure = await sendLines(
    Readable.from([input]),
    { send },
    { onOutcome: (outcome) => told.push(outcome) },
  ).then(
    () => null,
    (error: unknown) => error,
  );
  return { told: told.map(({ line, sent: outcome }) => [line, outcome]), failure };
}

describe('lines that are sent', () => {
  it('are told in their order, whichever was answered first, and empty ones left out', async () => {
    const answers = new Map([
      ['one', Promise.withResolvers<number>()],
      ['two', Promise.withResolvers<number>()],
    ]);
    const work = sent('one\r\n\r\ntwo', async (text) => answers.get(text)?.promise ?? 0);
    answers.get('two')?.resolve(2);
    answers.get('one')?.resolve(1);
    expect(await work).toEqual({
      told: [
        [1, { messageId: 1 }],
        [3, { messageId: 2 }],
      ],
      failure: null,
    });
  });

  it('go on after one that was refused, and end as failed', async () => {
    const { told, failure } = await sent('a\nb\nc', async (text) => {
      if (text === 'b') throw new ChatError('INVALID_REQUEST');
      return 7;
    });
    expect(told).toMatchObject([
      [1, { messageId: 7 }],
      [2, { error: { code: 'INVALID_REQUEST' } }],
      [3, { messageId: 7 }],
    ]);
    expect(failure).toBeInstanceOf(FailedQuietly);
    expect(failure).toMatchObject({ retryable: false });
  });

  it('may be tried again where all that failed may pass', async () => {
    const { failure } = await sent('a', async () => {
      throw new ChatError('UNAVAILABLE');
    });
    expect(failure).toMatchObject({ retryable: true });
  });

  it('are read no further than 100 ahead of the answers', async () => {
    let asked = 0;
    const gate = Promise.withResolvers<number>();
    const input = `${'line\n'.repeat(500)}`;
    const work = sent(input, () => {
      asked += 1;
      return gate.promise;
    });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(asked).toBeLessThanOrEqual(100);
    gate.resolve(1);
    expect((await work).told).toHaveLength(500);
    expect(asked).toBe(500);
  });
});
