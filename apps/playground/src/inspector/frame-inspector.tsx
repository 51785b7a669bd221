import { memo, useDeferredValue, useMemo, useState } from 'react';
import { SIDES, usePlayground, type PerSide } from '../playground.ts';
import { useRoving } from '../roving.ts';
import { useStore } from '../store.ts';
import { fineTime } from '../words.ts';
import {
  cleared,
  DIRECTIONS,
  filterFrames,
  frameText,
  NO_FILTER,
  paused,
  prettyBody,
  summaryOf,
  type FrameFilter,
  type LoggedFrame,
} from './frame-log.ts';

/** Rows that are drawn; the others are there, and are found by a filter. */
const ROWS_MAX_COUNT = 150;

/** Every frame of both users, the newest first. */
export function FrameInspector({ names }: { readonly names: PerSide<string> }) {
  const { frames } = usePlayground();
  const log = useStore(frames);
  const [filter, setFilter] = useState<FrameFilter>(NO_FILTER);
  const [selected, setSelected] = useState<LoggedFrame | null>(null);
  const shownLog = useDeferredValue(log);
  const found = useMemo(() => filterFrames(shownLog.frames, filter), [shownLog, filter]);
  const rows = found.slice(-ROWS_MAX_COUNT).toReversed();
  return (
    <section className="card inspector" aria-labelledby="inspector-title">
      <div className="inspector-head">
        <h2 id="inspector-title">Every frame</h2>
        <span className="count">
          {found.length.toLocaleString('en')} of {log.frames.length.toLocaleString('en')}
          {log.missedCount > 0 && `, ${log.missedCount} passed meanwhile`}
        </span>
        <button
          type="button"
          aria-pressed={log.isPaused}
          onClick={() => frames.update((current) => paused(current, !current.isPaused))}
        >
          {log.isPaused ? 'Go on' : 'Pause'}
        </button>
        <button
          type="button"
          onClick={() => {
            frames.update(cleared);
            setSelected(null);
          }}
        >
          Clear
        </button>
      </div>
      <Filter filter={filter} names={names} onChange={setFilter} />
      <Rows rows={rows} names={names} selected={selected} onSelect={setSelected} />
      {selected !== null && <Details frame={selected} names={names} onClose={() => setSelected(null)} />}
    </section>
  );
}

interface FilterProps {
  readonly filter: FrameFilter;
  readonly names: PerSide<string>;
  readonly onChange: (filter: FrameFilter) => void;
}

function Filter({ filter, names, onChange }: FilterProps) {
  return (
    <div className="filter" role="search" aria-label="Frames">
      <input
        type="search"
        aria-label="Words in the frame"
        placeholder="Filter: MESSAGE chat_rooms …"
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.target.value })}
      />
      <select
        aria-label="User"
        value={filter.side}
        onChange={(event) => onChange({ ...filter, side: SIDES.find((one) => one === event.target.value) ?? 'both' })}
      >
        <option value="both">both</option>
        {SIDES.map((side) => (
          <option key={side} value={side}>
            {names[side]}
          </option>
        ))}
      </select>
      <select
        aria-label="Direction"
        value={filter.direction}
        onChange={(event) =>
          onChange({ ...filter, direction: DIRECTIONS.find((one) => one === event.target.value) ?? 'both' })
        }
      >
        <option value="both">in and out</option>
        {DIRECTIONS.map((direction) => (
          <option key={direction}>{direction}</option>
        ))}
      </select>
      <label className="check">
        <input
          type="checkbox"
          checked={filter.showsHeartBeats}
          onChange={(event) => onChange({ ...filter, showsHeartBeats: event.target.checked })}
        />
        heart-beats
      </label>
    </div>
  );
}

interface RowsProps {
  readonly rows: readonly LoggedFrame[];
  readonly names: PerSide<string>;
  readonly selected: LoggedFrame | null;
  readonly onSelect: (frame: LoggedFrame) => void;
}

function Rows({ rows, names, selected, onSelect }: RowsProps) {
  const roving = useRoving<HTMLUListElement>(rows.map(({ number }) => String(number)));
  return (
    <ul className="frames" aria-label="Frames, the newest first" tabIndex={-1} {...roving.container}>
      {rows.map((frame) => (
        <Row
          key={frame.number}
          frame={frame}
          name={names[frame.side]}
          isSelected={frame.number === selected?.number}
          focus={roving.item(String(frame.number))}
          onSelect={onSelect}
        />
      ))}
    </ul>
  );
}

interface RowProps {
  readonly frame: LoggedFrame;
  readonly name: string;
  readonly isSelected: boolean;
  readonly focus: ReturnType<ReturnType<typeof useRoving>['item']>;
  readonly onSelect: (frame: LoggedFrame) => void;
}

const Row = memo(
  ({ frame, name, isSelected, focus, onSelect }: RowProps) => (
    <li>
      <button
        type="button"
        data-side={frame.side}
        data-command={frame.command}
        aria-current={isSelected ? 'true' : undefined}
        {...focus}
        onClick={() => onSelect(frame)}
      >
        <span className="arrow" aria-hidden="true">
          {frame.direction === 'out' ? '↑' : '↓'}
        </span>
        <span className="hidden">
          {name} {frame.direction === 'out' ? 'sends' : 'gets'}
        </span>
        <time>{fineTime(frame.at)}</time>
        <b>{frame.command}</b>
        <span className="summary">{summaryOf(frame)}</span>
      </button>
    </li>
  ),
  (before, after) =>
    before.frame === after.frame &&
    before.name === after.name &&
    before.isSelected === after.isSelected &&
    before.focus.tabIndex === after.focus.tabIndex,
);

interface DetailsProps {
  readonly frame: LoggedFrame;
  readonly names: PerSide<string>;
  readonly onClose: () => void;
}

function Details({ frame, names, onClose }: DetailsProps) {
  const { report } = usePlayground();
  const [copiedNumber, setCopiedNumber] = useState(0);
  const copy = () =>
    void navigator.clipboard.writeText(frameText(frame)).then(() => setCopiedNumber(frame.number), report);
  return (
    <div className="details" role="region" aria-label="The chosen frame">
      <div className="inspector-head">
        <h3>
          {frame.direction === 'out' ? 'From' : 'To'} {names[frame.side]}, {fineTime(frame.at)}
        </h3>
        <button type="button" onClick={copy}>
          {copiedNumber === frame.number ? 'Copied' : 'Copy'}
        </button>
        <button type="button" aria-label="Close the frame" onClick={onClose}>
          ×
        </button>
      </div>
      <pre tabIndex={0} aria-label="Its text">
        <b>{frame.command}</b>
        {frame.headers.map(([name, value]) => (
          <span key={name}>
            {'\n'}
            <i>{name}:</i>
            {value}
          </span>
        ))}
        {frame.body !== '' && `\n\n${prettyBody(frame.body)}`}
        {frame.cutCharacters > 0 && `\n… ${frame.cutCharacters} characters more`}
      </pre>
    </div>
  );
}
