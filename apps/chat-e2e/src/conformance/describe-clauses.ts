import { TOPICS } from './clauses/index.ts';

/** Prints what `docs/stomp.md` takes from the table of clauses, by topic, as one JSON array. */
const topics = Object.entries(TOPICS).map(([topic, clauses]) => ({
  topic,
  clauses: clauses.map(({ id, versions, section, quote, ours, stance }) => ({
    id,
    versions,
    section,
    quote,
    ours,
    stance: stance ?? 'holds',
  })),
}));
console.log(JSON.stringify(topics));
