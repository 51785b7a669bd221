/** Name of the database that a URL points at; for people, without the password around it. */
export function databaseNameOf(databaseUrl: string): string {
  return decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
}

/** What went wrong, in one line. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; '); // a refused connection names each address
  return error instanceof Error ? error.message : String(error);
}
