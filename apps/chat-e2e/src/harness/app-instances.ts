import { join } from 'node:path';

const APPS_DIR = join(import.meta.dirname, '../../..');

/** The processes of a chat, by the names of the local stack. */
export const INSTANCE_NAMES = [
  'rooms-api',
  'ws-gateway-1',
  'ws-gateway-2',
  'presence-worker',
  'message-persister',
] as const;
export type InstanceName = (typeof INSTANCE_NAMES)[number];

/** The built file of the app that an instance is one of. */
export function scriptOf(name: InstanceName): string {
  return join(APPS_DIR, name.replace(/-[12]$/, ''), 'dist/main.js');
}

/** Whether the app has a public listener. */
export function isPublic(name: InstanceName): boolean {
  return name === 'rooms-api' || name.startsWith('ws-gateway');
}
