import type { CommandDTO } from '@chat/dto';
import type { Stop } from '../store.ts';
import type { Feed } from './feed.ts';

/** Commands that are remembered, so that each is told once over all sessions. */
const REMEMBERED_MAX_COUNT = 1_000;

/** Each command once, by its target and id. */
export function onCommand(feeds: readonly Feed<CommandDTO>[], listener: (command: CommandDTO) => void): Stop {
  const known = new Set<string>();
  const take = (command: CommandDTO) => {
    const key = `${command.target}/${command.id}`;
    if (known.has(key)) return;
    known.add(key);
    for (const oldest of known) {
      if (known.size <= REMEMBERED_MAX_COUNT) break;
      known.delete(oldest);
    }
    listener(command);
  };
  const stops = feeds.map((feed) => feed.listen({ message: take }));
  return () => stops.forEach((stop) => stop());
}
