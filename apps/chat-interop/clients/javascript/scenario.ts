import { setTimeout as pause } from 'node:timers/promises';
import type { Step, Task } from '../../src/steps.ts';
import { Conversation, messageIdOf, type RoomSubscription } from './conversation.ts';
import type { StompDriver } from './driver.ts';

/** Does one step and tells how it went; the work answers what the client could not do, if anything. */
export type DoStep = (step: Step, work: () => Promise<string | null | void>) => Promise<void>;

/** All that a JavaScript client is asked to do. A step that fails leaves the others to go their way. */
export async function runScenario(driver: StompDriver, task: Task, doStep: DoStep): Promise<void> {
  const { limits } = driver;
  const session = lazily<Conversation>();
  const room = lazily<RoomSubscription>();
  const sent = lazily<string>();
  await doStep('connect', async () => {
    const { version } = session.set(await Conversation.open(driver, task));
    if (version !== '1.2') throw new Error(`version ${version} was negotiated`);
  });
  await doStep('subscribe', async () => void room.set(await session.get().subscribe('auto')));
  await doStep('send', async () => void sent.set(await session.get().send('send')));
  await doStep('receive', async () => void (await session.get().message(room.get(), sent.get())));
  await doStep('ack client', () => acknowledgeCumulatively(session.get()));
  await doStep('ack client-individual', () => acknowledgeOneByOne(session.get()));
  await doStep('nack', () => refuse(session.get()));
  await doStep('commit', async () => {
    await commit(await Conversation.open(driver, task));
    return without('RECEIPT of COMMIT', limits.transactionReceipt);
  });
  await doStep('abort', async () => {
    await abort(await Conversation.open(driver, task));
    return without('RECEIPT of ABORT', limits.transactionReceipt);
  });
  await doStep('heart-beats', () => idle(session.get(), task));
  await doStep('alive', async () => {
    const id = await session.get().send('alive');
    await session.get().message(room.get(), id);
  });
  await doStep('disconnect', async () => {
    await session.get().disconnect();
    return without('its RECEIPT', limits.disconnectReceipt);
  });
}

/** In `client` mode the ACK of the second message is that of the first as well. */
async function acknowledgeCumulatively(session: Conversation): Promise<void> {
  const room = await session.subscribe('client');
  const ids = [await session.send('client 1'), await session.send('client 2')];
  const [, second] = await Promise.all(ids.map((id) => session.message(room, id)));
  if (second !== undefined) await session.acknowledge(second, 'ack');
  session.unsubscribe(room);
}

/** In `client-individual` mode each has its own ACK, in any order. */
async function acknowledgeOneByOne(session: Conversation): Promise<void> {
  const room = await session.subscribe('client-individual');
  const ids = [await session.send('individual 1'), await session.send('individual 2')];
  const messages = await Promise.all(ids.map((id) => session.message(room, id)));
  for (const message of messages.toReversed()) await session.acknowledge(message, 'ack');
  session.unsubscribe(room);
}

async function refuse(session: Conversation): Promise<void> {
  const room = await session.subscribe('client-individual');
  await session.acknowledge(await session.message(room, await session.send('nack')), 'nack');
  session.unsubscribe(room);
}

/** Two SENDs in a transaction are answered and seen once it is committed, and not before. */
async function commit(session: Conversation): Promise<void> {
  const room = await session.subscribe('auto');
  const transaction = session.begin('tx-commit');
  const receipts = ['commit 1', 'commit 2'].map((content) => session.post(content, { transaction: 'tx-commit' }));
  await session.message(room, await session.send('before commit'));
  if (receipts.some((receipt) => session.hasReceiptOf(receipt))) throw new Error('a RECEIPT came before COMMIT');
  transaction.commit();
  const ids = (await Promise.all(receipts.map((receipt) => session.receiptOf(receipt)))).map(messageIdOf);
  await Promise.all(ids.map((id) => session.message(room, id)));
  expectContents(room, ['before commit', 'commit 1', 'commit 2']);
  await session.disconnect();
}

/** What comes behind the ABORT is seen, so what it has aborted would have been. */
async function abort(session: Conversation): Promise<void> {
  const room = await session.subscribe('auto');
  const transaction = session.begin('tx-abort');
  const receipts = ['abort 1', 'abort 2'].map((content) => session.post(content, { transaction: 'tx-abort' }));
  transaction.abort();
  for (const { aborted } of await Promise.all(receipts.map((receipt) => session.receiptOf(receipt)))) {
    if (aborted !== 'true') throw new Error(`the RECEIPT of an aborted SEND has aborted:${aborted}`);
  }
  await session.message(room, await session.send('after abort'));
  expectContents(room, ['after abort']);
  await session.disconnect();
}

function expectContents({ messages }: RoomSubscription, wanted: readonly string[]): void {
  const contents = JSON.stringify(messages.map(({ content }) => content));
  if (contents !== JSON.stringify(wanted)) throw new Error(`received ${contents}, not ${JSON.stringify(wanted)}`);
}

/** At least every second of the heart-beats that fit into the time must have come. */
async function idle(session: Conversation, { idleMs, heartBeatMs }: Task): Promise<void> {
  const before = session.heartBeatCount;
  await pause(idleMs);
  const [count, least] = [session.heartBeatCount - before, Math.floor(idleMs / heartBeatMs / 2)];
  if (count < least) throw new Error(`${count} heart-beats in ${idleMs} ms, fewer than ${least}`);
}

function without(what: string, why: string | null): string | null {
  return why === null ? null : `without ${what}: ${why}`;
}

/** What an earlier step was to bring; asked for without it, it says so. */
function lazily<Value>() {
  let kept: { readonly value: Value } | null = null;
  return {
    set: (value: Value): Value => (kept = { value }).value,
    get: (): Value => {
      if (kept === null) throw new Error('an earlier step failed');
      return kept.value;
    },
  };
}
