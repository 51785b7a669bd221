import { clientKeyOf } from '@chat/kafka-contracts';
import type { RecordedRun } from '../history/recorded-run.ts';
import { streamsOf, type Stream } from '../history/streams.ts';

/** Messages that a client saw twice, also across reconnects with `since`, and those that Postgres has twice. */
export function findDuplicates(run: RecordedRun): readonly string[] {
  return [...streamsOf(run).flatMap(seenTwice), ...storedTwice(run)];
}

function seenTwice({ client, room, steps }: Stream): readonly string[] {
  const deliveries = steps.map(({ delivery }) => ({ ...delivery, room }));
  return repeatsIn(deliveries).map(
    ({ id, at }) => `client ${client} got message ${id} of room ${room} again at ${at} ms`,
  );
}

function storedTwice({ rows }: RecordedRun): readonly string[] {
  return repeatsIn(rows).map(
    ({ id, room, offset }) => `message ${id} of room ${room} stands in Postgres again, from offset ${offset}`,
  );
}

interface Named {
  readonly room: number;
  readonly id: string;
  readonly sender: number | null;
  readonly clientMessageId: string | null;
}

/** Those that share their id or client key with one before them. */
function repeatsIn<Message extends Named>(messages: readonly Message[]): readonly Message[] {
  const seen = new Set<string>();
  return messages.filter((message) => {
    const names = namesOf(message);
    const isRepeat = names.some((name) => seen.has(name));
    for (const name of names) seen.add(name);
    return isRepeat;
  });
}

function namesOf({ room, id, sender, clientMessageId }: Named): readonly string[] {
  const byId = `id ${room} ${id}`;
  if (sender === null || clientMessageId === null) return [byId];
  return [byId, `key ${clientKeyOf(sender, room, clientMessageId)}`];
}
