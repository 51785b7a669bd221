import type { ChatClient, HistoryPage, Timeline, TimelineOptions, TimelineState } from '../api.ts';
import type { ChatClientError } from '../error.ts';
import { createCell } from '../store.ts';
import { TimelineModel } from './timeline-model.ts';

/** Texts that a timeline begins with where nothing else is said, and those of a page. */
const HISTORY_DEFAULT = 50;
/** The most that one answer of the history has. */
const REFRESH_COUNT = 200;
/** Readings of a page that something changed meanwhile; the last one is taken as it is. */
const READINGS_MAX_COUNT = 3;

/** A room as a screen shows it, from its last texts on. Older pages and what was missed need `apiUrl`. */
export function openTimeline(client: ChatClient, roomId: number, options: TimelineOptions = {}): Timeline {
  const { history = HISTORY_DEFAULT, onDiscontinuity } = options;
  const model = new TimelineModel(() => client.userId);
  const cell = createCell<TimelineState>(
    { room: { name: 'opening' }, messages: [], hasOlder: true, isLoadingOlder: false, olderError: null },
    { call: (listener) => listener() },
  );
  let isClosed = false;
  /** Readings under way, and whether something changed meanwhile: their page may have it, or not. */
  const readings = new Set<{ isChanged: boolean }>();
  let refreshCount = 0;
  const show = (change: Partial<TimelineState> = {}) => {
    const { messages } = model;
    if (!isClosed) cell.set({ ...cell.get(), ...(model.isCut && { hasOlder: true }), messages, ...change });
  };

  const open = client.room(roomId).open({
    history,
    onMessage: (message, { clientMessageId }) => {
      const isElsewhere = model.apply(message, clientMessageId);
      if (isElsewhere || message.targetId !== undefined) for (const reading of readings) reading.isChanged = true;
      show();
    },
    onDiscontinuity: (gap) => {
      onDiscontinuity?.(gap);
      void refresh();
    },
  });
  const stop = open.state.subscribe((room) => show({ room }));
  show({ room: open.state.get() });

  /** Reads until nothing changed while it did. */
  const read = async (before: number | undefined, limit: number): Promise<HistoryPage> => {
    const during = { isChanged: false };
    readings.add(during);
    try {
      for (let count = 1; ; count += 1) {
        during.isChanged = false;
        const page = await client.rest.listMessages(roomId, { limit, ...(before !== undefined && { before }) });
        if (!during.isChanged || count === READINGS_MAX_COUNT) return page;
      }
    } finally {
      readings.delete(during);
    }
  };

  /** What is shown may miss changes, or messages: the newest part of the history takes its place, with what came meanwhile. */
  const refresh = async (): Promise<void> => {
    refreshCount += 1;
    const refreshing = refreshCount;
    const before = idsOf(model.messages);
    try {
      const { items, hasMore } = await read(undefined, REFRESH_COUNT);
      if (refreshing !== refreshCount) return; // a later one knows more
      // where the page has nothing of what was shown, that lies before it, behind a gap
      const newest = idsOf(items);
      const { messages } = model;
      const known = messages.some(({ id }) => newest.has(id)) ? newest : before;
      model.replace(items, messages.slice(messages.findLastIndex(({ id }) => known.has(id)) + 1));
      show({ hasOlder: hasMore });
    } catch {
      // the timeline goes on with what it has; onDiscontinuity has told that something is missing
    }
  };

  return {
    roomId,
    get: cell.get,
    subscribe: cell.subscribe,
    loadOlder: async () => {
      const { hasOlder, isLoadingOlder, messages } = cell.get();
      if (!hasOlder || isLoadingOlder || isClosed) return;
      show({ isLoadingOlder: true, olderError: null });
      const firstId = messages[0]?.id;
      try {
        const { items, hasMore } = await read(firstId, HISTORY_DEFAULT);
        if (firstId !== undefined && model.messages[0]?.id !== firstId) return; // what is in front now does not follow the page
        model.prepend(items);
        show({ hasOlder: hasMore });
      } catch (error) {
        show({ olderError: error as ChatClientError }); // all that it throws
        throw error;
      } finally {
        show({ isLoadingOlder: false });
      }
    },
    close: () => {
      isClosed = true;
      stop();
      open.close();
    },
  };
}

function idsOf(messages: readonly { readonly id: number }[]): ReadonlySet<number> {
  return new Set(messages.map(({ id }) => id));
}
