import type { Store, Unread } from '@chat/client';
import { useState } from 'react';
import { LatencyGraph } from './graph/latency-graph.tsx';
import { FrameInspector } from './inspector/frame-inspector.tsx';
import { usePlayground } from './playground.ts';
import { Problems } from './problems.tsx';
import { useRoving } from './roving.ts';
import { UserPane } from './session/user-pane.tsx';
import { StackPanel } from './stack/stack-panel.tsx';
import { useStore } from './store.ts';
import { ThemeSwitch } from './theme-switch.tsx';
import { useUsers } from './users.ts';

/** What a narrow screen shows one of. */
const VIEWS = ['left', 'right', 'tools'] as const;
type View = (typeof VIEWS)[number];

export function App() {
  const { users, change } = useUsers();
  const [view, setView] = useState<View>('left');
  const labels: Readonly<Record<View, string>> = {
    left: users.left.username,
    right: users.right.username,
    tools: 'Backstage',
  };
  return (
    <div className="page" data-view={view}>
      <header className="top">
        <h1>
          <img src="/icon.svg" alt="" width="24" height="24" /> Chat Service <span>playground</span>
        </h1>
        <p className="lead">Two users, two gateways, one chat: write, break something, and watch nothing get lost.</p>
        <ThemeSwitch />
      </header>
      <Views view={view} labels={labels} onChange={setView} />
      <main>
        <UserPane side="left" user={users.left} onChange={(user) => change('left', user)} />
        <UserPane side="right" user={users.right} onChange={(user) => change('right', user)} />
        <div className="tools" id="view-tools" role="region" aria-label="Backstage">
          <StackPanel />
          <LatencyGraph />
          <FrameInspector names={{ left: users.left.username, right: users.right.username }} />
        </div>
      </main>
      <Problems />
    </div>
  );
}

interface ViewsProps {
  readonly view: View;
  readonly labels: Readonly<Record<View, string>>;
  readonly onChange: (view: View) => void;
}

function Views({ view, labels, onChange }: ViewsProps) {
  const roving = useRoving<HTMLElement>(VIEWS);
  return (
    <nav className="views" aria-label="Views" {...roving.container}>
      {VIEWS.map((name) => (
        <button
          key={name}
          type="button"
          aria-current={name === view ? 'page' : undefined}
          {...roving.item(name)}
          onClick={() => onChange(name)}
        >
          {labels[name]}
          {name !== 'tools' && <UnreadOf side={name} />}
        </button>
      ))}
    </nav>
  );
}

function UnreadOf({ side }: { readonly side: 'left' | 'right' }) {
  const session = useStore(usePlayground().sessions)[side];
  return session === null ? null : <Total unread={session.client.unread} />;
}

function Total({ unread }: { readonly unread: Store<Unread> }) {
  const { total } = useStore(unread);
  if (total === null || total === 0) return null;
  return (
    <span className="badge">
      {total}
      <span className="hidden"> unread</span>
    </span>
  );
}
