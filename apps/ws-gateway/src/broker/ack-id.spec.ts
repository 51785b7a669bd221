import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ackIdOf, parseAckId } from './ack-id.ts';

describe('an ack id', () => {
  it('names subscription and message again, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (subscriptionId, messageId) => {
        expect(parseAckId(ackIdOf(subscriptionId, messageId))).toEqual({ subscriptionId, messageId });
      }),
    );
  });

  it.each(['', 'sub-0', '%:1', '%ff:1'])('is none of ours: %j', (text) => {
    expect(parseAckId(text)).toBeNull();
  });
});
