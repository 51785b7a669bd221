import { isClientMessageId as isTakenByGateway } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { isClientMessageId, newClientMessageId } from './client-message-id.ts';

describe('a client-message-id', () => {
  const characters = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code));
  const texts = [...characters, ...characters.map((each) => `a${each}b`), 'a b', 'a\n', '\na', '\ud83d\ude00'];
  const lengths = [0, 1, 127, 128, 129].map((length) => 'x'.repeat(length));

  it('is what the gateway takes, no more and no less', () => {
    const wrong = [...texts, ...lengths].filter((text) => isClientMessageId(text) !== isTakenByGateway(text));
    expect(wrong).toEqual([]);
    expect(isClientMessageId('a b')).toBe(false);
  });

  it('that the SDK makes is one, and new each time', () => {
    const made = Array.from({ length: 100 }, newClientMessageId);
    expect(made.every(isTakenByGateway)).toBe(true);
    expect(new Set(made).size).toBe(100);
  });
});
