import { useEffect, useState } from 'react';

/** The time as `read` tells it, again and again while something counts on it. */
export function useNow(read: () => number, everyMs: number | null): number {
  const [now, setNow] = useState(read);
  useEffect(() => {
    if (everyMs === null) return undefined;
    const timer = setInterval(() => setNow(read()), everyMs);
    return () => clearInterval(timer);
  }, [read, everyMs]);
  return now;
}
