import { useState } from 'react';
import { usePlayground, SIDES } from '../playground.ts';
import { useStore } from '../store.ts';
import { useNow } from '../use-now.ts';
import { milliseconds } from '../words.ts';
import { linePath, niceCeiling } from './scale.ts';
import { bucketsOf, MEASURES, summarize, type Bucket, type Measure } from './series.ts';

const LABELS = {
  receipt: 'until the RECEIPT',
  seen: 'until the other has it',
} as const satisfies Record<Measure, string>;

const TICK_MS = 500;
const now = () => performance.now();

/** How fast it is: latencies as lines, messages a second as bars, of the last minute. */
export function LatencyGraph() {
  const samples = useStore(usePlayground().samples);
  const at = useNow(now, TICK_MS);
  const buckets = bucketsOf(samples, Math.max(at, samples.at(-1)?.at ?? 0));
  return (
    <section className="card graph" aria-labelledby="graph-title">
      <h2 id="graph-title">How fast</h2>
      <Drawing buckets={buckets} />
      <dl>
        {MEASURES.map((measure) => {
          const { count, p50, p99 } = summarize(samples, measure, Math.max(at, samples.at(-1)?.at ?? 0));
          return (
            <div key={measure} data-measure={measure}>
              <dt>{LABELS[measure]}</dt>
              <dd>
                p50 {milliseconds(p50)}, p99 {milliseconds(p99)} <small>of {count}</small>
              </dd>
            </div>
          );
        })}
      </dl>
      <p className="hint">From the frame of a SEND on: those of a room leave one after another.</p>
      <Burst />
    </section>
  );
}

const WIDTH = 420;
const HEIGHT = 120;
const LEFT = 50;
const RIGHT = 28;
const TOP = 8;
const BOTTOM = 4;

function Drawing({ buckets }: { readonly buckets: readonly Bucket[] }) {
  const latencies = buckets.flatMap(({ p50 }) => [p50.receipt ?? 0, p50.seen ?? 0]);
  const topMs = niceCeiling(Math.max(4, ...latencies));
  const topRate = niceCeiling(Math.max(4, ...buckets.map(({ rate }) => rate)));
  const step = (WIDTH - LEFT - RIGHT) / buckets.length;
  const x = (index: number) => LEFT + (index + 0.5) * step;
  const y = (share: number) => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  const line = (measure: Measure) =>
    linePath(
      buckets.map(({ p50 }, index) => {
        const value = p50[measure];
        return value === null ? null : { x: x(index), y: y(value / topMs) };
      }),
    );
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Latency and rate of the last minute">
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <line className="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(share)} y2={y(share)} />
          <text x={LEFT - 4} y={y(share) + 3} textAnchor="end">
            {share === 0 ? '' : `${(share * topMs).toLocaleString('en')} ms`}
          </text>
          <text x={WIDTH - RIGHT + 4} y={y(share) + 3}>
            {share === 0 ? '' : `${(share * topRate).toLocaleString('en')}/s`}
          </text>
        </g>
      ))}
      {buckets.map(({ at, rate }, index) => (
        <rect
          key={at}
          className="rate"
          x={x(index) - step * 0.4}
          width={step * 0.8}
          y={y(rate / topRate)}
          height={y(0) - y(rate / topRate)}
        />
      ))}
      {MEASURES.map((measure) => (
        <path key={measure} className="line" data-measure={measure} d={line(measure)} />
      ))}
    </svg>
  );
}

const COUNTS = [10, 50, 100] as const;

/** Sends many messages at once into the room that a user has open. */
function Burst() {
  const { sessions, openRooms, meter, report } = usePlayground();
  const [count, setCount] = useState<number>(50);
  const [isBusy, setBusy] = useState(false);
  const open = useStore(openRooms);
  const present = useStore(sessions);
  const burst = async (side: (typeof SIDES)[number]) => {
    const roomId = open[side];
    const session = present[side];
    if (roomId === null || session === null) return;
    setBusy(true);
    const room = session.client.room(roomId);
    const sends = Array.from({ length: count }, async (_, index) => {
      const clientMessageId = crypto.randomUUID();
      await room.send(`${index + 1} of ${count}`, { clientMessageId });
      meter.reached('receipt', clientMessageId);
    });
    const failed = (await Promise.allSettled(sends)).find((one) => one.status === 'rejected');
    if (failed !== undefined) report(failed.reason);
    setBusy(false);
  };
  return (
    <div className="burst" role="group" aria-label="Burst">
      <label>
        Burst of{' '}
        <select value={count} onChange={(event) => setCount(Number(event.target.value))}>
          {COUNTS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      {SIDES.map((side) => (
        <button
          key={side}
          type="button"
          disabled={isBusy || open[side] === null || present[side] === null}
          onClick={() => void burst(side)}
        >
          by {present[side]?.username ?? side}
        </button>
      ))}
    </div>
  );
}
