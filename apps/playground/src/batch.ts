/** Gathers what comes one by one and hands it on together: at the latest after `everyMs`, at once when it is `maxCount`. */
export function createBatch<Item>(
  flush: (items: readonly Item[]) => void,
  { everyMs, maxCount }: { readonly everyMs: number; readonly maxCount: number },
): (item: Item) => void {
  let items: Item[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flushNow = () => {
    clearTimeout(timer);
    timer = undefined;
    const gathered = items;
    items = [];
    flush(gathered);
  };
  return (item) => {
    items.push(item);
    if (items.length >= maxCount) flushNow();
    else timer ??= setTimeout(flushNow, everyMs);
  };
}
