import type { ChatRoom } from '@chat/client';
import { useStore } from '../store.ts';

interface TypingLineProps {
  readonly room: ChatRoom;
  readonly ownId: number;
  readonly nameOf: (userId: number) => string;
}

/** Keeps its place while nobody types, so that nothing jumps. */
export function TypingLine({ room, ownId, nameOf }: TypingLineProps) {
  const { userIds, count } = useStore(room.typists);
  const names = userIds.filter((id) => id !== ownId).map(nameOf);
  const moreCount = Math.max(0, count - userIds.length);
  const who = [...names, ...(moreCount > 0 ? [`${moreCount} more`] : [])];
  return (
    <p className="typing" aria-live="polite">
      {who.length > 0 && (
        <>
          {who.join(', ')} {who.length === 1 ? 'is' : 'are'} typing
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
        </>
      )}
    </p>
  );
}
