import { useRef } from 'react';
import type { Side } from '../inspector/frame-log.ts';
import { usePlayground } from '../playground.ts';
import { useStore } from '../store.ts';
import { useNow } from '../use-now.ts';
import type { ShownUser } from '../users.ts';
import { connectionText } from './connection-text.ts';
import type { Session } from './session.ts';

interface PaneHeaderProps {
  readonly side: Side;
  readonly user: ShownUser;
  readonly session: Session | null;
  readonly onChange: (user: ShownUser) => void;
}

export function PaneHeader({ side, user, session, onChange }: PaneHeaderProps) {
  const { gateways } = usePlayground().configuration;
  return (
    <div className="pane-header">
      <span className="avatar" aria-hidden="true">
        {user.username.slice(0, 1).toUpperCase()}
      </span>
      <NameField key={user.username} side={side} user={user} onChange={onChange} />
      <label className="gateway">
        <span className="hidden">Gateway of {user.username}</span>
        <select
          value={user.gatewayAt}
          onChange={(event) => onChange({ ...user, gatewayAt: Number(event.target.value) })}
        >
          {gateways.map(({ name }, at) => (
            <option key={name} value={at}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {session !== null && <Connection session={session} />}
    </div>
  );
}

/** A name is another user: it counts once the person has left the field. */
function NameField({ side, user, onChange }: Omit<PaneHeaderProps, 'session'>) {
  const field = useRef<HTMLInputElement>(null);
  const commit = () => {
    const username = field.current?.value.trim() ?? '';
    if (username === '' && field.current !== null) field.current.value = user.username;
    else if (username !== user.username) onChange({ ...user, username });
  };
  return (
    <form
      className="name"
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
    >
      <label className="hidden" htmlFor={`name-${side}`}>
        Name of the {side} user
      </label>
      <input
        id={`name-${side}`}
        ref={field}
        defaultValue={user.username}
        maxLength={64}
        autoComplete="off"
        spellCheck={false}
        onBlur={commit}
      />
    </form>
  );
}

const COUNT_DOWN_MS = 250;

function Connection({ session: { client, network, username } }: { readonly session: Session }) {
  const state = useStore(client.connection);
  const isOn = useStore(network.isOn);
  const isCounting = (state.name === 'connecting' || state.name === 'recovering') && state.retryAt !== null;
  const now = useNow(Date.now, isCounting ? COUNT_DOWN_MS : null);
  const { word, detail, mood } = connectionText(state, now);
  const isHungUp = state.name === 'closed' || state.name === 'offline';
  return (
    <>
      <p className="connection" data-mood={mood}>
        <span className="dot" aria-hidden="true" />
        <strong role="status">{word}</strong>
        <span className="detail" title={detail}>
          {detail}
        </span>
      </p>
      <div className="switches" role="group" aria-label={`Connection of ${username}`}>
        <button type="button" onClick={() => network.cut()} disabled={state.name !== 'connected'}>
          Cut socket
        </button>
        <button type="button" aria-pressed={!isOn} onClick={() => network.turn(!isOn)}>
          No network
        </button>
        {isHungUp ? (
          <button type="button" onClick={() => client.connect()}>
            Connect
          </button>
        ) : (
          <button type="button" onClick={() => void client.close()}>
            Hang up
          </button>
        )}
      </div>
    </>
  );
}
