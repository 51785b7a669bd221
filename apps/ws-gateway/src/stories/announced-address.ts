import { isIPv6 } from 'node:net';
import type { GatewayAddress, GatewayAddresses, GatewayLease } from '@chat/redis';
import type { Logger, Service } from '@chat/service-kit';

export interface AnnouncedAddressOptions {
  readonly addresses: Pick<GatewayAddresses, 'announce' | 'withdraw'>;
  readonly lease: Pick<GatewayLease, 'onAnswer'>;
  /** Known once the internal listener listens. */
  readonly address: () => GatewayAddress;
  readonly logger: Logger;
}

/** Where somebody who knows host and port can ask; an IPv6 address stands in brackets. */
export function addressOf(instanceId: string, host: string, port: number): GatewayAddress {
  return { instanceId, url: `http://${isIPv6(host) ? `[${host}]` : host}:${port}` };
}

/** Says where this instance can be asked, with each sign of life of its lease, until it stops. */
export class AnnouncedAddress implements Service {
  readonly name = 'announced address';
  readonly #options: AnnouncedAddressOptions;
  #isStopping = false;

  constructor(options: AnnouncedAddressOptions) {
    this.#options = options;
    options.lease.onAnswer((isAnswering) => {
      if (isAnswering && !this.#isStopping) void this.#announce();
    });
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#isStopping = true;
    const { addresses, address, logger } = this.#options;
    await addresses.withdraw(address()).catch((error: unknown) => {
      logger.debug({ err: error }, 'the address of this instance was left to lapse');
    });
  }

  async #announce(): Promise<void> {
    const { addresses, address, logger } = this.#options;
    try {
      await addresses.announce(address());
    } catch (error) {
      logger.debug({ err: error }, 'the address of this instance could not be told');
    }
  }
}
