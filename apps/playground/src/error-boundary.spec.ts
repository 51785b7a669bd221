// @vitest-environment happy-dom
import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ErrorBoundary } from './error-boundary.tsx';

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
});
afterEach(() => void vi.restoreAllMocks());

/** What the page shows of a part that draws itself so. */
async function shown(draw: () => string): Promise<HTMLElement> {
  const place = document.createElement('div');
  const root = createRoot(place, { onCaughtError: () => undefined });
  await act(async () => root.render(createElement(ErrorBoundary, null, createElement(draw))));
  return place;
}

describe('a page that throws while it is drawn', () => {
  it('says what broke, and loads again at the press of a button', async () => {
    const place = await shown(() => {
      throw new RangeError('Invalid time value');
    });
    expect(place.querySelector('[role=alert]')?.textContent).toContain('Something broke: Invalid time value');

    const reload = vi.spyOn(location, 'reload').mockReturnValue();
    place.querySelector('button')?.click();
    expect(reload).toHaveBeenCalledOnce();
  });

  it('is as it was where nothing throws', async () => {
    expect((await shown(() => 'all is well')).innerHTML).toBe('all is well');
  });
});
