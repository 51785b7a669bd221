import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAnswerJudge, type AnswerJudge, type JudgedDocument } from '@chat/testing';

const DOCS = join(import.meta.dirname, '../../../../docs');

/** Throws where an answer of rooms-api, on whichever listener, is none that the OpenAPI documents have. */
export const judgeAnswer: AnswerJudge = createAnswerJudge(
  bothOf(documentOf('openapi.json'), documentOf('openapi-internal.json')),
);

function documentOf(name: string): JudgedDocument {
  return JSON.parse(readFileSync(join(DOCS, name), 'utf8')) as JudgedDocument; // ours
}

/** Their paths differ, and schemas of one name are the same. */
function bothOf(one: JudgedDocument, other: JudgedDocument): JudgedDocument {
  const schemas = { ...one.components.schemas, ...other.components.schemas };
  return { paths: { ...one.paths, ...other.paths }, components: { schemas } };
}
