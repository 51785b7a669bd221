import { tableOf } from '@chat/testing';
import { configTable, type SettingRow } from './config-table.ts';
import { cell, code, withAllDocs } from './docs-section.ts';

interface DestinationRow {
  readonly destination: string;
  readonly about: string;
  readonly isOriginal: boolean;
}

/** The gateway's tables as its `describe-protocol.ts` prints them. */
export interface ProtocolTables {
  readonly sendDestinations: readonly DestinationRow[];
  readonly subscribeDestinations: readonly DestinationRow[];
  /** By code. */
  readonly chatErrors: Readonly<Record<string, { readonly retryable: boolean; readonly message: string }>>;
  /** Code → meaning. */
  readonly sessionErrors: Readonly<Record<string, string>>;
  readonly protocolErrors: Readonly<Record<string, string>>;
  readonly closeCodes: readonly { readonly code: number; readonly meaning: string; readonly reconnect: string }[];
  readonly frameLimits: readonly {
    readonly name: string;
    readonly standard: number;
    readonly error: string;
    readonly counts: string;
  }[];
  readonly settings: readonly SettingRow[];
}

/** `docs/stomp.md` with the gateway's tables between their markers. */
export function withProtocolTables(document: string, tables: ProtocolTables): string {
  const { sendDestinations, subscribeDestinations, chatErrors, sessionErrors, protocolErrors } = tables;
  const sections: Readonly<Record<string, string>> = {
    'send destinations': destinationTable('SEND to', sendDestinations),
    'subscribe destinations': destinationTable('SUBSCRIBE to', subscribeDestinations),
    'chat errors': tableOf(
      ['Code', 'Retryable', 'Message where nothing more is known'],
      Object.entries(chatErrors).map(([name, { retryable, message }]) => [
        code(name),
        retryable ? 'yes' : 'no',
        cell(message),
      ]),
    ),
    'session errors': errorTable({ ...sessionErrors, ...protocolErrors }),
    'close codes': tableOf(
      ['Code', 'Why', 'Come back'],
      tables.closeCodes.map(({ code: number, meaning, reconnect }) => [String(number), cell(meaning), reconnect]),
    ),
    'frame limits': tableOf(
      ['At most', 'Of what', 'Error'],
      tables.frameLimits.map(({ standard, counts, error }) => [
        standard.toLocaleString('en'),
        cell(counts),
        code(error),
      ]),
    ),
    limits: configTable(tables.settings),
  };
  return withAllDocs(document, sections);
}

function destinationTable(head: string, rows: readonly DestinationRow[]): string {
  const cells = rows.map(({ destination, about, isOriginal }) => [
    `${code(destination)}${isOriginal ? ' ◆' : ''}`,
    cell(about),
  ]);
  return tableOf([head, 'Meaning'], cells);
}

function errorTable(errors: Readonly<Record<string, string>>): string {
  const rows = Object.entries(errors).map(([name, meaning]) => [code(name), cell(meaning)]);
  return tableOf(['Code', 'Meaning'], rows);
}
