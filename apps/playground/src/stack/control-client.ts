import type { Configuration } from '../configuration.ts';

const DEADLINE_MS = 5_000;

export const APP_VERBS = ['kill', 'stop', 'start'] as const;
export type AppVerb = (typeof APP_VERBS)[number];

/** An app of the local stack: READY, STARTING, ENDED (to be started again) or STOPPED (until it is asked for). */
export interface AppStatus {
  readonly name: string;
  readonly state: 'READY' | 'STARTING' | 'ENDED' | 'STOPPED';
  readonly pid: number;
}

export interface TokenOfUser {
  readonly userId: number;
  readonly username: string;
  readonly token: string;
}

/** The server of `npm start` that this page came from. */
export interface ControlClient {
  /** A token for whoever goes by that name; the id stays the same for a name. */
  makeToken(username: string, signal?: AbortSignal): Promise<TokenOfUser>;
  listApps(): Promise<readonly AppStatus[]>;
  act(app: string, verb: AppVerb): Promise<void>;
}

export function createControlClient({ key }: Pick<Configuration, 'key'>): ControlClient {
  async function ask<Answer>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    const answer = await fetch(`/control/${path}`, {
      method,
      headers: { 'x-playground-key': key, 'content-type': 'application/json' },
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const said: unknown = await answer.json();
    if (!answer.ok) throw new Error((said as { message: string }).message); // every refusal has one
    return said as Answer; // from the same stack
  }
  return {
    makeToken: (username, signal) => ask('POST', 'tokens', { username }, signal),
    listApps: async () => (await ask<{ apps: readonly AppStatus[] }>('GET', 'apps')).apps,
    act: (app, verb) => ask('POST', `apps/${app}/${verb}`),
  };
}
