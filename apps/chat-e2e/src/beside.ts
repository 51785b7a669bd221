import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceUnderTest } from '@chat/testing';
import { afterAll, inject } from 'vitest';
import { appService, placeApps } from './harness/app-service.ts';
import { sharedEnvironment } from './harness/shared-environment.ts';

/** An instance beside those of the shared chat. */
export interface InstanceBeside {
  readonly service: ServiceUnderTest;
  readonly publicUrl: string;
  readonly internalUrl: string;
}

/** Starts more instances for the shared chat, with settings of their own; they end with the spec file. */
export function useInstancesBeside(): (
  name: string,
  env?: Readonly<Record<string, string>>,
) => Promise<InstanceBeside> {
  const started: ServiceUnderTest[] = [];
  afterAll(() => Promise.all(started.map((service) => service.terminate().finally(() => service.kill()))));
  return async (name, env = {}) => {
    const { [name]: placement = { publicPort: 0, internalPort: 0 } } = await placeApps([name]);
    const shared = sharedEnvironment(inject('chat'));
    const logDir = join(inject('logFolder'), 'beside');
    mkdirSync(logDir, { recursive: true });
    const service = appService({
      name,
      placement,
      env: { ...shared, ...env },
      logDir,
    });
    started.push(service);
    await service.start();
    const urlOf = (port: number) => `http://127.0.0.1:${port}`;
    return { service, publicUrl: urlOf(placement.publicPort), internalUrl: urlOf(placement.internalPort) };
  };
}
