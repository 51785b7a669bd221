import { describe, expect, it } from 'vitest';
import { gatewayOf } from './chat-command.ts';

describe('npm run chat', () => {
  it('takes users 1 and 2 to different gateways, the first to the first', () => {
    expect([1, 2, 3].map((userId) => gatewayOf(['a', 'b'], userId))).toEqual(['a', 'b', 'a']);
  });
});
