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

/** The built file of the app that an instance is one of: its name is that of the app, numbered where there are several. */
export function scriptOf(name: string): string {
  return join(APPS_DIR, appOf(name), 'dist/main.js');
}

export function appOf(name: string): string {
  return name.replace(/-[0-9]+$/, '');
}

/** Whether the app has a public listener. */
export function isPublic(name: string): boolean {
  return name === 'rooms-api' || appOf(name) === 'ws-gateway';
}
