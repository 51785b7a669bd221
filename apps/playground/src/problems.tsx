import { usePlayground } from './playground.ts';
import { useStore } from './store.ts';

/** What went wrong, until it is put away. */
export function Problems() {
  const { problems } = usePlayground();
  const shown = useStore(problems);
  return (
    <div className="problems" role="alert">
      {shown.map(({ id, text }) => (
        <p key={id}>
          <span>{text}</span>
          <button
            type="button"
            aria-label={`Put away: ${text}`}
            onClick={() => problems.update((all) => all.filter((one) => one.id !== id))}
          >
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
