import type { NetworkInterfaceInfo } from 'node:os';

/** Addresses of this machine, as `os.networkInterfaces()` has them. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

const ANY_ADDRESS = new Set(['', '0.0.0.0', '::']);
const LOOPBACK = '127.0.0.1';

/** By what others reach this instance: what was configured, else the address it listens on, else the machine's first. */
export function ownHost(configured: string | undefined, listensOn: string, interfaces: Interfaces): string {
  if (configured !== undefined) return configured;
  return ANY_ADDRESS.has(listensOn) ? firstAddress(interfaces) : listensOn;
}

/** The first IPv4 address that is not the machine's alone; 127.0.0.1 where there is none. */
export function firstAddress(interfaces: Interfaces): string {
  const addresses = Object.values(interfaces).flatMap((of) => of ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? LOOPBACK;
}
