import { useCallback, useEffect, useRef, useState } from 'react';
import type { ChatClientError, HistoryMessageDTO } from '../index.ts';
import { useChatClient } from './chat-context.ts';

/** Pages of the history as they were when they were read; `useRoom` is what stays up to date. */
export interface HistoryView {
  /** In the order of the room. */
  readonly messages: readonly HistoryMessageDTO[];
  readonly hasOlder: boolean;
  readonly isLoading: boolean;
  readonly error: ChatClientError | null;
  readonly loadOlder: () => Promise<void>;
}

type Shown = Omit<HistoryView, 'loadOlder'>;
const NOTHING: Shown = { messages: [], hasOlder: true, isLoading: false, error: null };

/** Reads the newest page when it is mounted, and an older one at each `loadOlder`. Needs `apiUrl`. */
export function useHistory(roomId: number, { pageSize = 50 }: { readonly pageSize?: number } = {}): HistoryView {
  const client = useChatClient();
  const [shown, setShown] = useState(NOTHING);
  const pages = useRef<AsyncIterator<readonly HistoryMessageDTO[]> | null>(null);

  const loadOlder = useCallback(async () => {
    const reading = pages.current;
    if (reading === null) return;
    setShown((before) => ({ ...before, isLoading: true, error: null }));
    const isOld = () => pages.current !== reading; // another room is shown by now
    try {
      const { value, done } = await reading.next();
      if (isOld()) return;
      const page: readonly HistoryMessageDTO[] = done === true ? [] : value;
      setShown((before) => ({
        messages: [...page, ...before.messages],
        hasOlder: done !== true,
        isLoading: false,
        error: null,
      }));
    } catch (error) {
      if (!isOld()) setShown((before) => ({ ...before, isLoading: false, error: error as ChatClientError })); // all that it throws
    }
  }, []);

  useEffect(() => {
    pages.current = client.room(roomId).history({ pageSize });
    setShown(NOTHING);
    void loadOlder();
    return () => void (pages.current = null);
  }, [client, roomId, pageSize, loadOlder]);

  return { ...shown, loadOlder };
}
