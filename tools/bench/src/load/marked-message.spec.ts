import { describe, expect, it } from 'vitest';
import { markedMessage, markOf } from './marked-message.ts';

describe('a message that the swarm can read', () => {
  it('says room, sequence number and time in as many digits as the swarm expects', () => {
    expect(markOf(7, 12, 345)).toBe('@0007.00000012.000000000345');
  });

  it('fills a frame of 316 bytes', () => {
    const message = markedMessage(0, 1001, markOf(1001, 1), 100);
    expect(4 + 100 + JSON.stringify(message).length).toBe(316);
    expect(message.content.startsWith(markOf(1001, 1))).toBe(true);
  });

  it('keeps a content that is larger than that', () => {
    expect(markedMessage(0, 1001, 'y'.repeat(400), 100).content).toBe('y'.repeat(400));
  });
});
