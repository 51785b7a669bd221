import { useRef, useState, type KeyboardEvent, type RefObject } from 'react';

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at, count) => Math.min(at + 1, count - 1),
  ArrowRight: (at, count) => Math.min(at + 1, count - 1),
  ArrowUp: (at) => Math.max(at - 1, 0),
  ArrowLeft: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, count) => count - 1,
};

export interface Roving<Element extends HTMLElement> {
  readonly container: {
    readonly ref: RefObject<Element | null>;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
  item(key: string): { readonly tabIndex: 0 | -1; readonly 'data-roving': string; readonly onFocus: () => void };
}

/**
 * One stop of the Tab key for a list (WAI-ARIA, roving tabindex): arrows, Home and End move inside it. `keys` are those of the
 * items in their order; `start` is where the Tab key comes to first.
 */
export function useRoving<Element extends HTMLElement>(
  keys: readonly string[],
  start: 'first' | 'last' = 'first',
): Roving<Element> {
  const ref = useRef<Element | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const standard = start === 'first' ? keys[0] : keys.at(-1);
  const current = focused !== null && keys.includes(focused) ? focused : standard;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const target = event.target as HTMLElement; // of a key event
    const at = keys.indexOf(target.dataset['roving'] ?? '');
    if (step === undefined || at === -1 || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = keys[step(at, keys.length)];
    if (next === undefined) return;
    event.preventDefault();
    ref.current?.querySelector<HTMLElement>(`[data-roving="${CSS.escape(next)}"]`)?.focus();
  };
  return {
    container: { ref, onKeyDown },
    item: (key) => ({ tabIndex: key === current ? 0 : -1, 'data-roving': key, onFocus: () => setFocused(key) }),
  };
}
