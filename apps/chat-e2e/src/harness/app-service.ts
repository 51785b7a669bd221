import { join } from 'node:path';
import { Ports } from '@chat/local-stack';
import { ServiceUnderTest } from '@chat/testing';
import { isPublic, scriptOf } from './app-instances.ts';

/** The ports of an instance; those of an app without a public listener stay unused. */
export interface AppPlacement {
  readonly publicPort: number;
  readonly internalPort: number;
}

export interface AppServiceOptions {
  /** Of the instance: that of its app, numbered where there are several. */
  readonly name: string;
  /** The built file, where it is not that of its app. */
  readonly script?: string;
  readonly placement: AppPlacement;
  /** What all instances share. */
  readonly env: Readonly<Record<string, string>>;
  readonly logDir: string;
}

/** Free ports for each of them. */
export async function placeApps<Name extends string>(names: readonly Name[]): Promise<Record<Name, AppPlacement>> {
  const ports = new Ports();
  const place = async () => ({ publicPort: await ports.take(), internalPort: await ports.take() });
  const entries = await Promise.all(names.map(async (name) => [name, await place()] as const));
  return Object.fromEntries(entries) as Record<Name, AppPlacement>; // Object.fromEntries forgets which keys there are
}

/** One instance of a built app, not started yet. */
export function appService({ name, script, placement, env, logDir }: AppServiceOptions): ServiceUnderTest {
  const { publicPort, internalPort } = placement;
  return new ServiceUnderTest({
    name,
    script: script ?? scriptOf(name),
    env: {
      ...env,
      HOST: '127.0.0.1',
      INSTANCE_ID: name,
      INTERNAL_PORT: String(internalPort),
      ...(isPublic(name) && { PORT: String(publicPort) }),
    },
    logFile: join(logDir, `${name}.log`),
    readyUrl: `http://127.0.0.1:${internalPort}/readyz`,
  });
}
