import { GATEWAY_LEASE_TTL_MS } from './gateway-lease.ts';
import type { RedisClient } from './redis-client.ts';
import { announceAddress, listAddresses } from './scripts/gateway-addresses.lua.ts';

/** A gateway, and where its internal listener is. */
export interface GatewayAddress {
  readonly instanceId: string;
  /** As http://10.0.0.7:9081. */
  readonly url: string;
}

/** Where the gateways that live can be asked. All reject with ChatError UNAVAILABLE while Redis does not answer. */
export class GatewayAddresses {
  readonly #redis: RedisClient;

  constructor({ redis }: { readonly redis: RedisClient }) {
    this.#redis = redis;
  }

  /** Counts for as long as a lease does without a sign of life. */
  async announce(address: GatewayAddress): Promise<void> {
    const args = [memberOf(address), GATEWAY_LEASE_TTL_MS];
    await this.#redis.runScript(announceAddress, [this.#redis.keys.gatewayAddresses()], args);
  }

  async withdraw(address: GatewayAddress): Promise<void> {
    await this.#redis.request((redis) => redis.zrem(this.#redis.keys.gatewayAddresses(), memberOf(address)));
  }

  async list(): Promise<readonly GatewayAddress[]> {
    const found = await this.#redis.runScript(
      listAddresses,
      [this.#redis.keys.gatewayAddresses()],
      [GATEWAY_LEASE_TTL_MS],
    );
    return (found as readonly string[]).map((member) => JSON.parse(member) as GatewayAddress); // written here alone
  }
}

function memberOf({ instanceId, url }: GatewayAddress): string {
  return JSON.stringify({ instanceId, url });
}
