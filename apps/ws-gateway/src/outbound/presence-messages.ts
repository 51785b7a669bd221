import type { PresenceEventDTO, RoomId, UserPresenceDTO } from '@chat/dto';
import { decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import type { Logger } from '@chat/service-kit';
import { presenceDestination } from '../broker/destinations.ts';
import { fanOut } from '../broker/fan-out.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { RoomWatch } from '../presence/room-watch.ts';

const UTF8 = new TextEncoder();

export interface PresenceMessagesOptions {
  readonly subscriptions: SubscriptionRegistry;
  readonly watch: RoomWatch;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** `presence-messages` → presence subscribers of the rooms here that the user belongs to. */
export class PresenceMessagesConsumer {
  readonly #options: PresenceMessagesOptions;

  constructor(options: PresenceMessagesOptions) {
    this.#options = options;
  }

  consume(records: readonly RawRecord[]): void {
    for (const record of records) {
      const decoded = decodeRecord('presence-messages', record.value);
      if (decoded.ok) this.#tell(decoded.value);
      else this.#options.logger.warn({ reason: decoded.reason }, 'a record of presence-messages was passed over');
    }
  }

  #tell(event: PresenceEventDTO): void {
    const body = UTF8.encode(JSON.stringify(userPresenceOf(event)));
    for (const roomId of this.#options.watch.roomsConcernedBy(event)) this.#tellRoom(roomId, event, body);
  }

  #tellRoom(roomId: RoomId, event: PresenceEventDTO, body: Uint8Array): void {
    const groups = this.#options.subscriptions.ofPresence(roomId);
    if (groups === undefined) return;
    const deliveries = fanOut(groups, {
      destination: presenceDestination(roomId),
      messageId: `presence-${roomId}-${event.userId}-${event.version}`,
      body,
      isSheddable: true,
    });
    this.#options.metrics.deliveries.inc({ topic: 'presence-messages' }, deliveries);
  }
}

function userPresenceOf({ userId, isOnline, event, at, version }: PresenceEventDTO): UserPresenceDTO {
  return { id: userId, isOnline, event, at, version };
}
