import { parseRoomId, parseUserId, type CommandDTO } from '@chat/dto';
import { decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import type { Clock, Logger } from '@chat/service-kit';
import { COMMANDS_DESTINATION, USER_COMMANDS_DESTINATION } from '../broker/destinations.ts';
import { deliver, fanOut, type OutboundMessage } from '../broker/fan-out.ts';
import type { LiveSession } from '../broker/live-session.ts';
import type { SessionRegistry } from '../broker/session-registry.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import type { MembershipIndex } from '../membership/membership-index.ts';
import type { GatewayMetrics } from '../metrics.ts';

export interface CommandMessagesOptions {
  readonly subscriptions: SubscriptionRegistry;
  readonly sessions: SessionRegistry<LiveSession>;
  readonly memberships: MembershipIndex;
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** `command-messages` → the sessions of their target: all, the members of a room, one user. */
export class CommandMessagesConsumer {
  readonly #options: CommandMessagesOptions;

  constructor(options: CommandMessagesOptions) {
    this.#options = options;
  }

  consume(records: readonly RawRecord[]): void {
    for (const { value } of records) {
      const decoded = decodeRecord('command-messages', value);
      if (!decoded.ok)
        this.#options.logger.warn({ reason: decoded.reason }, 'a record of command-messages was passed over');
      else if (!this.#isExpired(decoded.value)) this.#tell(decoded.value, value ?? new Uint8Array(0));
    }
  }

  #isExpired({ expiresAt }: CommandDTO): boolean {
    return expiresAt !== undefined && Date.parse(expiresAt) <= this.#options.clock.now();
  }

  #tell(command: CommandDTO, body: Uint8Array): void {
    const [kind, id = ''] = command.target.split(':');
    const message = { messageId: `command-${command.id}`, body };
    switch (kind) {
      case 'user':
        return this.#tellUser(id, { ...message, destination: USER_COMMANDS_DESTINATION });
      case 'room':
        return this.#tellMembers(id, { ...message, destination: COMMANDS_DESTINATION });
      default:
        return this.#tellAll({ ...message, destination: COMMANDS_DESTINATION });
    }
  }

  #tellAll(message: OutboundMessage): void {
    this.#count(fanOut(this.#options.subscriptions.ofCommands, message));
  }

  #tellMembers(room: string, message: OutboundMessage): void {
    const roomId = parseRoomId(room);
    if (roomId === null) return;
    const { subscriptions, memberships } = this.#options;
    const isFor = ({ userId }: LiveSession) => memberships.peek(roomId, userId) !== undefined;
    this.#count(fanOut(subscriptions.ofCommands, message, { isFor }));
  }

  #tellUser(user: string, message: OutboundMessage): void {
    const userId = parseUserId(user);
    if (userId === null) return;
    for (const session of this.#options.sessions.of(userId)) {
      const subscription = session.subscriptionTo('user-commands');
      if (subscription === undefined) continue;
      deliver(session, subscription, message);
      this.#count(1);
    }
  }

  #count(deliveries: number): void {
    this.#options.metrics.deliveries.inc({ topic: 'command-messages' }, deliveries);
  }
}
