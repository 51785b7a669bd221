import type { EventOf } from '../history/history-event.ts';
import type { RecordedRun } from '../history/recorded-run.ts';
import { streamsOf, type Stream } from '../history/streams.ts';

/** Where a client or Postgres has another order than the log, or Postgres does not number a room 1, 2, 3, …. */
export function findReorderings(run: RecordedRun): readonly string[] {
  const rooms = [...Map.groupBy(run.rows, ({ room }) => room).values()];
  return [
    ...streamsOf(run).flatMap((stream) => reorderedAtClient(run, stream)),
    ...rooms.flatMap((rows) => misnumbered(rows)),
  ];
}

function reorderedAtClient(run: RecordedRun, { client, room, steps }: Stream): readonly string[] {
  let furthest = -1;
  return steps.flatMap(({ delivery: { id, at } }) => {
    const place = run.find(room, id)?.place ?? furthest; // what the log does not have is told elsewhere
    const isBehind = place < furthest;
    furthest = Math.max(furthest, place);
    return isBehind ? [`client ${client} got message ${id} of room ${room} at ${at} ms behind a later one`] : [];
  });
}

/** Rows of one room; their offsets are the order of the log. */
function misnumbered(rows: readonly EventOf<'row'>[]): readonly string[] {
  const inLogOrder = rows.toSorted((a, b) => a.epoch - b.epoch || a.offset - b.offset);
  const at = inLogOrder.findIndex(({ seq }, index) => seq !== index + 1);
  const first = inLogOrder[at]; // all behind it are wrong for the same reason
  if (first === undefined) return [];
  return [`row ${first.id} of room ${first.room} has seq ${first.seq}; it is number ${at + 1} of the room in the log`];
}
