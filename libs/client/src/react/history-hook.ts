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
/** What is shown, and the reading that it is of. */
const NOBODYS: { readonly of: (() => Promise<void>) | null; readonly shown: Shown } = { of: null, shown: NOTHING };

/** Reads the newest page when it is mounted, and an older one at each `loadOlder`. Needs `apiUrl`. */
export function useHistory(roomId: number, { pageSize = 50 }: { readonly pageSize?: number } = {}): HistoryView {
  const client = useChatClient();
  const [{ of, shown }, setShown] = useState(NOBODYS);
  /** Of the reading that counts; another room has another one. */
  const current = useRef<Shown>(NOTHING);

  const loadOlder = useCallback(async () => {
    const before = current.current;
    if (before.isLoading || !before.hasOlder) return;
    const [first] = before.messages;
    const loading = { ...before, isLoading: true, error: null };
    const put = (from: Shown, to: Shown) => {
      if (current.current !== from) return; // the component shows another room by now, or nothing
      current.current = to;
      setShown({ of: loadOlder, shown: to });
    };
    put(before, loading);
    try {
      const query = { limit: pageSize, ...(first !== undefined && { before: first.id }) };
      const { items, hasMore } = await client.rest.listMessages(roomId, query);
      put(loading, { messages: [...items, ...before.messages], hasOlder: hasMore, isLoading: false, error: null });
    } catch (error) {
      put(loading, { ...before, error: error as ChatClientError }); // all that it throws
    }
  }, [client, roomId, pageSize]);

  useEffect(() => {
    current.current = { ...NOTHING };
    void loadOlder();
    return () => void (current.current = { ...NOTHING, hasOlder: false });
  }, [loadOlder]);

  return { ...(of === loadOlder ? shown : NOTHING), loadOlder }; // nothing of another room, not even once
}
