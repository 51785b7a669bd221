import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GO } from './languages/go.ts';
import { JAVA } from './languages/java.ts';
import { JAVASCRIPT } from './languages/javascript.ts';
import type { Language } from './languages/language.ts';
import { PYTHON_3 } from './languages/python.ts';

/** A stock client. */
export interface InteropClient {
  /** For the command line. */
  readonly name: string;
  /** As its authors call it. */
  readonly title: string;
  readonly language: Language;
  /** Where its version is pinned: a file of this project, and what stands before the version there. */
  readonly pin: { readonly file: string; readonly before: string };
}

const javaScript = (name: string, title: string, before: string): InteropClient => ({
  ...{ name, title, language: JAVASCRIPT },
  pin: { file: 'package.json', before },
});

export const CLIENTS: readonly InteropClient[] = [
  javaScript('stompjs-5', '@stomp/stompjs', '"stompjs-5": "npm:@stomp/stompjs@'),
  javaScript('stompjs-6', '@stomp/stompjs', '"stompjs-6": "npm:@stomp/stompjs@'),
  javaScript('stompjs-7', '@stomp/stompjs', '"stompjs-7": "npm:@stomp/stompjs@'),
  javaScript('webstomp', 'webstomp-client', '"webstomp-client": "'),
  {
    name: 'stomp-py',
    title: 'stomp.py',
    language: PYTHON_3,
    pin: { file: 'clients/python/requirements.txt', before: 'stomp.py==' },
  },
  {
    name: 'go-stomp',
    title: 'go-stomp',
    language: GO,
    pin: { file: 'clients/go/go.mod', before: 'github.com/go-stomp/stomp/v3 v' },
  },
  {
    name: 'spring',
    title: 'Spring',
    language: JAVA,
    pin: { file: 'clients/java/pom.xml', before: '<spring.version>' },
  },
];

/** Those with these names, in the order of the table; all where none is named. Throws a RangeError for an unknown one. */
export function chooseClients(names: readonly string[]): readonly InteropClient[] {
  const unknown = names.find((name) => !CLIENTS.some((client) => client.name === name));
  if (unknown === undefined) return CLIENTS.filter(({ name }) => names.length === 0 || names.includes(name));
  throw new RangeError(`There is no client "${unknown}"; there are ${CLIENTS.map(({ name }) => name).join(', ')}.`);
}

/** The version that is pinned; throws where the file has none. */
export function versionOf({ pin }: InteropClient, projectDir: string): string {
  const text = readFileSync(join(projectDir, pin.file), 'utf8');
  const from = text.indexOf(pin.before);
  const version = from < 0 ? null : /^[0-9]+(\.[0-9]+)+/.exec(text.slice(from + pin.before.length));
  if (version === null) throw new Error(`${pin.file} has no version behind ${pin.before}`);
  return version[0];
}
