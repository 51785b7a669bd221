import { describe, expect, it } from 'vitest';
import { chatName } from './chat-name.ts';

describe('the name of a chat', () => {
  it('is that of its users', () => {
    expect(chatName(['alice', 'bob'], [])).toBe('alice and bob');
    expect(chatName(['bob', 'alice'], ['alice and bob'])).toBe('bob and alice');
    expect(chatName(['alice'], [])).toBe('alice alone');
  });

  it('is another one for each chat of theirs', () => {
    const names: string[] = [];
    for (let count = 0; count < 4; count += 1) names.unshift(chatName(['alice', 'bob'], names));
    expect(names.toReversed()).toEqual(['alice and bob', 'alice and bob 2', 'alice and bob 3', 'alice and bob 4']);
  });

  it('is short enough for the service, and has no half of a character', () => {
    const name = chatName(['a'.repeat(64), `${'b'.repeat(39)}🙂`], []);
    expect(name.length).toBeLessThanOrEqual(100);
    expect(name.isWellFormed()).toBe(true);
  });
});
