import { asRoomId } from '@chat/dto';
import { describe, expect, it } from 'vitest';
import { FEED_LIMITS } from '../limits.ts';
import { AttachmentParts } from './attachment-parts.ts';
import type { RoutingRequest } from './feed-mail.ts';

const part = (at: number, parts: number, version = 1, holder = 'a'): RoutingRequest => ({
  ...{ kind: 'attachment', router: 'r', holder: { id: holder, slot: 1 }, partition: 0, part: at, parts },
  attachment: { version, next: 7, rooms: [asRoomId(10 * version + at)] },
});
/** What comes of some mails, as rooms. */
function roomsOf(...mails: readonly RoutingRequest[]): readonly (readonly number[])[] {
  const parts = new AttachmentParts();
  const taken = mails.flatMap((mail) => parts.take(mail) ?? []);
  return taken.map((mail) => (mail.kind === 'attachment' ? mail.attachment.rooms : mail.change.added));
}

describe('an attachment in parts', () => {
  it('is complete with its last part, whatever comes between, and twice', () => {
    const change: RoutingRequest = {
      ...{ kind: 'change', router: 'r', holder: { id: 'b', slot: 1 }, partition: 0 },
      change: { version: 2, added: [asRoomId(99)], removed: [] },
    };
    expect(roomsOf(part(0, 1))).toEqual([[10]]);
    expect(
      roomsOf(part(0, 3), change, part(1, 3), part(0, 2, 1, 'b'), part(1, 3), part(2, 3), part(1, 2, 1, 'b')),
    ).toEqual([[99], [10, 11, 12], [10, 11]]);
  });

  it('is nothing where a part is missing, until it is told anew', () => {
    expect(roomsOf(part(0, 3), part(2, 3))).toEqual([]);
    expect(roomsOf(part(1, 2))).toEqual([]);
    expect(roomsOf(part(0, 2), part(0, 2, 2), part(1, 2), part(1, 2, 2))).toEqual([[20, 21]]);
  });

  it('is given up where too many others have begun', () => {
    const parts = new AttachmentParts();
    for (let at = 0; at <= FEED_LIMITS.openAttachments; at += 1) parts.take(part(0, 2, 1, `holder ${at}`));
    expect(parts.count).toBe(FEED_LIMITS.openAttachments);
    expect(parts.take(part(1, 2, 1, 'holder 0'))).toBeNull();
    expect(parts.take(part(1, 2, 1, 'holder 1'))).not.toBeNull();
  });
});
