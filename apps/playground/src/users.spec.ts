import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usable } from './users.ts';

const first = { left: { username: 'alice', gatewayAt: 0 }, right: { username: 'bob', gatewayAt: 1 } };

describe('the users of the page', () => {
  it('are alice and bob, at different gateways, unless others are remembered', () => {
    expect(usable(null, 2)).toEqual(first);
    const kept = { left: { username: 'cleo', gatewayAt: 1 }, right: { username: 'dan', gatewayAt: 0 } };
    expect(usable(kept, 2)).toEqual(kept);
  });

  it('are at a gateway that there is', () => {
    expect(usable({ left: { username: 'cleo', gatewayAt: 7 } }, 2).left).toEqual({ username: 'cleo', gatewayAt: 0 });
    expect(usable(null, 1).right.gatewayAt).toBe(0);
  });

  it('have names and gateways, whatever is remembered', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        for (const { username, gatewayAt } of Object.values(usable({ left, right }, 2))) {
          expect(username.trim()).not.toBe('');
          expect([0, 1]).toContain(gatewayAt);
        }
      }),
    );
  });
});
