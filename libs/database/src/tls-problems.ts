import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';

/** Ways to ask for TLS that say less than they seem to, or something else to another client. */
const AMBIGUOUS = ['ssl', 'uselibpqcompat', 'sslnegotiation'];
const FILES = ['sslrootcert', 'sslcert', 'sslkey'];

/**
 * What is wrong with how a URL of Postgres asks for TLS, in words that follow the name of its variable. Either it says
 * nothing or `sslmode=disable`, or `verify-full` and the server proves to be the one that is named: what lies between is read
 * in one way by pg today, in another by libpq, and in a third by the next pg.
 */
export function tlsProblems(databaseUrl: string): readonly string[] {
  const { hostname, searchParams } = new URL(databaseUrl);
  const mode = searchParams.get('sslmode');
  const isVerified = mode === 'verify-full';
  const files = FILES.filter((name) => searchParams.has(name));
  return [
    ...AMBIGUOUS.filter((name) => searchParams.has(name)).map(
      (name) => `must not have ${name}: sslmode=verify-full is how it asks for TLS`,
    ),
    ...(mode === null || mode === 'disable' || isVerified
      ? []
      : ['must have sslmode=verify-full or sslmode=disable, and nothing in between']),
    ...(files.length > 0 && !isVerified ? [`has ${files.join(' and ')}, which need sslmode=verify-full`] : []),
    ...(isVerified && isIP(hostname.replace(/^\[(.+)\]$/, '$1')) !== 0
      ? [
          'must name the server by its host name, not by its address: with sslmode=verify-full its certificate is for that',
        ]
      : []),
    ...files
      .filter((name) => !isReadable(searchParams.get(name) ?? ''))
      .map((name) => `has ${name} of a file that cannot be read`),
  ];
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
