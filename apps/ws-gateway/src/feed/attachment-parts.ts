import type { RoomId } from '@chat/dto';
import { FEED_LIMITS } from '../limits.ts';
import type { RoutingRequest } from './feed-mail.ts';

interface Collected {
  readonly version: number;
  readonly rooms: RoomId[];
  /** The part that comes next. */
  next: number;
}

/**
 * Puts attachments together that take several mails. Parts come in their order; where one is missing nothing comes of it, the
 * instance hears nothing, and attaches anew.
 */
export class AttachmentParts {
  readonly #collected = new Map<string, Collected>();

  /** Attachments of which more is to come. */
  get count(): number {
    return this.#collected.size;
  }

  /** What is complete with this mail; null where more is to come, or it joins nothing. */
  take(mail: RoutingRequest): RoutingRequest | null {
    if (mail.kind !== 'attachment' || mail.parts === 1) return mail;
    const { attachment, part, parts } = mail;
    const place = `${mail.partition} ${mail.holder.id}`;
    if (part === 0) this.#begin(place, attachment.version);
    const collected = this.#collected.get(place);
    if (collected?.version !== attachment.version || collected.next !== part) return null;
    for (const roomId of attachment.rooms) collected.rooms.push(roomId);
    collected.next += 1;
    if (collected.next < parts) return null;
    this.#collected.delete(place);
    return { ...mail, part: 0, parts: 1, attachment: { ...attachment, rooms: collected.rooms } };
  }

  #begin(place: string, version: number): void {
    const [eldest] = this.#collected.keys();
    if (eldest !== undefined && this.#collected.size >= FEED_LIMITS.openAttachments) this.#collected.delete(eldest);
    this.#collected.set(place, { version, rooms: [], next: 0 });
  }
}
