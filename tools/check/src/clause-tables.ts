import { tableOf } from '@chat/testing';
import { cell, code, withAllDocs } from './docs-section.ts';

/** A row of the conformance table as its `describe-clauses.ts` prints it. */
export interface ClauseRow {
  readonly id: string;
  readonly versions: readonly string[];
  readonly section: string;
  readonly quote: string | null;
  readonly ours: string;
  readonly stance: 'holds' | 'choice' | 'refusal';
}

export interface ClauseTopic {
  readonly topic: string;
  readonly clauses: readonly ClauseRow[];
}

/** `docs/stomp.md` with what the server does with each clause between its markers. */
export function withClauses(document: string, topics: readonly ClauseTopic[]): string {
  const all = topics.flatMap(({ clauses }) => clauses);
  const of = (stance: ClauseRow['stance']) => all.filter((clause) => clause.stance === stance);
  const sections: Readonly<Record<string, string>> = {
    refusals: refusalTable(of('refusal')),
    choices: clauseTable(of('choice')),
    clauses: topics
      .map(({ topic, clauses }) => ({ topic, held: clauses.filter(({ stance }) => stance === 'holds') }))
      .filter(({ held }) => held.length > 0)
      .map(({ topic, held }) => `### ${topic}\n\n${clauseTable(held)}`)
      .join('\n\n'),
  };
  return withAllDocs(document, sections);
}

function clauseTable(clauses: readonly ClauseRow[]): string {
  const rows = clauses.map(({ id, versions, section, ours }) => [
    versionsOf(versions),
    cell(section),
    cell(ours),
    code(id),
  ]);
  return tableOf(['Versions', 'Section', 'What this server does', 'Row'], rows);
}

function refusalTable(clauses: readonly ClauseRow[]): string {
  const rows = clauses.map(({ id, versions, quote, ours }) => [
    versionsOf(versions),
    cell(quote ?? ''),
    cell(ours),
    code(id),
  ]);
  return tableOf(['Versions', 'The specification', 'What this server does', 'Row'], rows);
}

/** `1.0–1.2`, or the one that it is. */
function versionsOf(versions: readonly string[]): string {
  const [first = '', last = first] = [versions[0], versions.at(-1)];
  return first === last ? first : `${first}–${last}`;
}
