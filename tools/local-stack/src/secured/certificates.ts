import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '../processes/run.ts';

const OPENSSL_DEADLINE_MS = 20_000;
const DAYS = '2';
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Whom one vouches for, and how: nothing of the system's own configuration of OpenSSL. */
const EXTENSIONS = `
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
[member]
basicConstraints = CA:FALSE
subjectAltName = DNS:localhost
extendedKeyUsage = serverAuth, clientAuth
`;

/** Paths of PEM files. */
export interface Certificates {
  /** Of who vouches for the others. */
  readonly caFile: string;
  /** For servers and clients on localhost. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Key and certificate in one file, as Kafka wants them. */
  readonly keyStoreFile: string;
}

/** A certificate authority of two days and one certificate of it, in a folder of its own. */
export async function makeCertificates(run: Run, openssl: string, folder: string): Promise<Certificates> {
  const file = (name: string) => join(folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(file('openssl.cnf'), EXTENSIONS);
  const ask = (args: readonly string[]) =>
    run.exec({ name: `openssl ${args[0]}`, command: openssl, args, cwd: folder, deadlineMs: OPENSSL_DEADLINE_MS });
  const config = ['-config', 'openssl.cnf'];
  const authority = ['-subj', '/CN=authority of these tests', '-days', DAYS, '-extensions', 'authority'];
  await ask(['req', '-x509', ...config, ...NEW_KEY, ...authority, '-keyout', 'ca.key', '-out', 'ca.pem']);
  await ask(['req', '-new', ...config, ...NEW_KEY, '-subj', '/CN=localhost', '-keyout', 'own.key', '-out', 'own.csr']);
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '2', '-days', DAYS];
  const extensions = ['-extfile', 'openssl.cnf', '-extensions', 'member'];
  await ask(['x509', '-req', '-in', 'own.csr', ...signer, ...extensions, '-out', 'own.pem']);
  const keyStore = await Promise.all([readFile(file('own.key'), 'utf8'), readFile(file('own.pem'), 'utf8')]);
  await writeFile(file('own.store.pem'), keyStore.join(''));
  return {
    caFile: file('ca.pem'),
    certFile: file('own.pem'),
    keyFile: file('own.key'),
    keyStoreFile: file('own.store.pem'),
  };
}
