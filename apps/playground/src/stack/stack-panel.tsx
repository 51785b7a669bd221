import { useCallback, useEffect, useState } from 'react';
import { usePlayground } from '../playground.ts';
import { useStore } from '../store.ts';
import type { AppStatus, AppVerb } from './control-client.ts';

const POLL_MS = 1_500;

const MOODS = { READY: 'good', STARTING: 'busy', ENDED: 'bad', STOPPED: 'bad' } as const;
const STATES = { READY: 'ready', STARTING: 'starting', ENDED: 'restarting', STOPPED: 'stopped' } as const;

/** What happens to the chat while an app is away. */
const EFFECTS: Readonly<Record<string, string>> = {
  'ws-gateway': 'its clients resume, here or elsewhere',
  'rooms-api': 'no rooms, no history; live chat goes on',
  'message-persister': 'messages stay SENT until it is back',
  'presence-worker': 'presence stands still',
};

/** The apps of the local stack, each of which can be killed, and stopped for a while. */
export function StackPanel() {
  const { apps, failure, act } = useApps();
  const attached = useAttachedUsers();
  return (
    <section className="card stack" aria-labelledby="stack-title">
      <h2 id="stack-title">Break something</h2>
      {failure !== null && (
        <p className="notice" data-mood="bad" role="status">
          {failure}
        </p>
      )}
      <ul>
        {apps.map(({ name, state, pid }) => (
          <li key={name}>
            <span className="dot" data-mood={MOODS[state]} aria-hidden="true" />
            <span className="app">
              {name}
              {attached(name).map((username) => (
                <small key={username}> {username}</small>
              ))}
            </span>
            <span className="state" title={`process ${pid}`}>
              {STATES[state]}
            </span>
            <span className="effect">{EFFECTS[name.replace(/-[0-9]+$/, '')]}</span>
            <span className="buttons">
              <button
                type="button"
                disabled={state === 'STOPPED' || state === 'ENDED'}
                aria-label={`Kill ${name}`}
                title="SIGKILL: it is started again"
                onClick={() => act(name, 'kill')}
              >
                Kill
              </button>
              {state === 'STOPPED' ? (
                <button type="button" aria-label={`Start ${name}`} onClick={() => act(name, 'start')}>
                  Start
                </button>
              ) : (
                <button
                  type="button"
                  aria-label={`Stop ${name}`}
                  title="SIGTERM: it ends in order, and stays down"
                  onClick={() => act(name, 'stop')}
                >
                  Stop
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function useApps() {
  const { control, report } = usePlayground();
  const [apps, setApps] = useState<readonly AppStatus[]>([]);
  const [failure, setFailure] = useState<string | null>(null);
  const poll = useCallback(async () => {
    if (document.hidden) return;
    try {
      setApps(await control.listApps());
      setFailure(null);
    } catch {
      setFailure('npm start does not answer: is it still running?');
    }
  }, [control]);
  useEffect(() => {
    void poll();
    const timer = setInterval(() => void poll(), POLL_MS);
    return () => clearInterval(timer);
  }, [poll]);
  const act = useCallback(
    (app: string, verb: AppVerb) => void control.act(app, verb).then(poll, report),
    [control, poll, report],
  );
  return { apps, failure, act };
}

/** Who is connected to an app now, by the name of the app. */
function useAttachedUsers() {
  const { sessions, configuration } = usePlayground();
  const { left, right } = useStore(sessions);
  return (name: string) =>
    [left, right].flatMap((session) => {
      if (session === null) return [];
      const state = session.client.connection.get();
      const gateway = configuration.gateways.find((one) => one.name === name);
      return state.name === 'connected' && state.gatewayUrl === gateway?.wsUrl ? [session.username] : [];
    });
}
