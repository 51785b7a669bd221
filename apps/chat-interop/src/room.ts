import { createToken, eventually, requestJson } from '@chat/testing';
import type { StackUnderTest } from './config.ts';
import { judgeHistory } from './history-judge.ts';
import type { StepResult } from './steps.ts';

/** Longest wait for the persister, in ms. */
const STORED_DEADLINE_MS = 10_000;
/** More than all steps send. */
const HISTORY_LIMIT = 200;

/** A room of one user alone. */
export interface OwnRoom {
  readonly id: number;
  readonly token: string;
}

/** A user of this id, and a private room that nobody else is in. */
export async function createOwnRoom({ restUrl, jwtSecret }: StackUnderTest, userId: number): Promise<OwnRoom> {
  const token = createToken({ userId, secret: jwtSecret, claims: { username: `client-${userId}` } });
  const { status, body } = await requestJson('POST', `${restUrl}/api/v1/chat/chat-rooms`, {
    body: { name: 'Interop', description: 'A client of its own', visibility: 'PRIVATE' },
    headers: bearer(token),
  });
  if (status !== 201) throw new Error(`the room was not created: ${status} ${JSON.stringify(body)}`);
  return { id: body.id, token };
}

/** What the record has of the room, against what the client reports; as it is once all of it is stored. */
export async function historyResult(
  { restUrl }: StackUnderTest,
  { id, token }: OwnRoom,
  results: readonly StepResult[],
): Promise<StepResult> {
  let result: StepResult = { step: 'history', outcome: 'failed', note: 'the history could not be read' };
  const look = async () => {
    result = judgeHistory(results, await contentsOf(restUrl, id, token));
    if (result.outcome !== 'ok') throw new Error('not yet');
  };
  await eventually(look, { deadlineMs: STORED_DEADLINE_MS, everyMs: 200 }).catch((error: Error) => {
    if (error.message !== 'not yet') result = { ...result, outcome: 'failed', note: error.message };
  });
  return result;
}

async function contentsOf(restUrl: string, roomId: number, token: string): Promise<readonly string[]> {
  const url = `${restUrl}/api/v1/chat/chat-rooms/${roomId}/messages?after=0&limit=${HISTORY_LIMIT}`;
  const { status, body } = await requestJson('GET', url, { headers: bearer(token) });
  if (status !== 200) throw new Error(`the history cannot be read: ${status} ${JSON.stringify(body)}`);
  return body.items.map(({ content }: { content: string }) => content);
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}
