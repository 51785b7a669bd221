import type { Bench, BenchReport, Target } from '../bench.ts';
import { figure, spreadText } from '../figures.ts';
import { runRounds } from '../rounds.ts';
import { percentile, spreadOf } from '../statistics.ts';
import { messageIdOf, openChatWithHistory, roomOf, type ChatSize, type ChatWithHistory } from './chat-with-history.ts';
import { countStatements } from './statement-count.ts';
import { runStorm, type Returning, type StormResult } from './storm.ts';

/** A SUBSCRIBE is answered within this, in s. */
const WAIT_MAX_S = 5;
/** Statements that a resume asks of Postgres beyond those of a SUBSCRIBE without one: where `since` lies, and the rows. */
const STATEMENTS_MAX = 2;
/** What the database does of itself in the meantime, such as its vacuum, may add a few transactions in all; a session's share. */
const STRAY_STATEMENTS = 0.05;
const FULL = { userCount: 1_000, roomCount: 50, messagesARoom: 200, missedCount: 50, rounds: 5 };
const QUICK = { userCount: 20, roomCount: 5, messagesARoom: 20, missedCount: 10, rounds: 1 };

/** What it costs one gateway that many clients come back at once and miss some messages each, against that they miss none. */
export const replayBench: Bench = async (context) => {
  const parameters = context.isQuick ? QUICK : FULL;
  context.say(`${parameters.roomCount * parameters.messagesARoom} messages are published and stored`);
  const chat = await openChatWithHistory(context, parameters);
  try {
    context.say('storms');
    const storms = stormsOf(chat, parameters);
    const measured = await runRounds(storms, parameters.rounds);
    context.say('counting statements');
    return reportOf(measured, await statementsOf(chat, storms), parameters);
  } finally {
    await chat.stop();
  }
};

const KINDS = ['plain', 'since'] as const;
type Kind = (typeof KINDS)[number];
type PerKind<Value> = Readonly<Record<Kind, Value>>;
type Parameters = ChatSize & { readonly missedCount: number; readonly rounds: number };

const LABELS: PerKind<string> = { plain: 'SUBSCRIBE', since: 'SUBSCRIBE with since' };

function stormsOf({ gateway }: ChatWithHistory, parameters: Parameters): PerKind<() => Promise<StormResult>> {
  const returning = (isResuming: boolean) =>
    Array.from({ length: parameters.userCount }, (_, index): Returning => {
      const userId = index + 1;
      const roomId = roomOf(userId, parameters);
      const since = isResuming ? messageIdOf(roomId, parameters.messagesARoom - parameters.missedCount) : null;
      return { userId, roomId, since, missedCount: isResuming ? parameters.missedCount : 0 };
    });
  return {
    plain: () => runStorm(gateway, returning(false)),
    since: () => runStorm(gateway, returning(true)),
  };
}

/** Statements of one more storm of each kind. */
async function statementsOf({ database }: ChatWithHistory, storms: PerKind<() => Promise<StormResult>>) {
  const before = await countStatements(database);
  await storms.plain();
  const between = await countStatements(database);
  await storms.since();
  const after = await countStatements(database);
  return { plain: between - before, since: after - between };
}

function reportOf(
  measured: PerKind<readonly StormResult[]>,
  statements: PerKind<number>,
  parameters: Parameters,
): BenchReport {
  const { userCount, roomCount, missedCount, rounds } = parameters;
  return {
    about: [
      `${userCount} sessions on one gateway, members of ${roomCount} rooms, connect a few at a time, then SUBSCRIBE at once and wait for the RECEIPT that says that they are live; with \`since\` each has missed ${missedCount} messages. Waits begin with the SUBSCRIBE; CPU is that of the gateway from there to the last RECEIPT. Clients share the machine.`,
      'A resume that is not done by its deadline goes live and says `recovered: false`; how many did recover depends on how busy the machine is, and has no target.',
      'Statements are those of the whole database from CONNECT on, so membership and all else is in both lines.',
    ],
    parameters: { rounds, sessions: userCount, rooms: roomCount, 'missed messages': missedCount },
    head: [
      'how',
      'wait p50 ms',
      'wait p99 ms',
      'longest ms',
      'recovered %',
      'replayed rows/s',
      'CPU ms/session',
      'statements/session',
    ],
    rows: KINDS.map((kind) => rowOf(kind, measured[kind], statements[kind] / userCount, userCount)),
    targets: targetsOf(measured.since, (statements.since - statements.plain) / userCount),
  };
}

function rowOf(kind: Kind, results: readonly StormResult[], statements: number, userCount: number): readonly string[] {
  const waits = (percent: number) => spreadText(spreadOf(results.map(({ waitedMs }) => percentile(waitedMs, percent))));
  const rates = results.map(({ replayedCount, wallS }) => replayedCount / wallS);
  return [
    LABELS[kind],
    waits(50),
    waits(99),
    waits(100),
    spreadText(spreadOf(results.map(({ recoveredCount }) => recoveredCount / userCount)), 100),
    kind === 'plain' ? '' : spreadText(spreadOf(rates)),
    spreadText(spreadOf(results.map(({ cpuS }) => cpuS / userCount)), 1e3),
    figure(statements),
  ];
}

function targetsOf(results: readonly StormResult[], extraStatements: number): readonly Target[] {
  const longestS = Math.max(...results.flatMap(({ waitedMs }) => waitedMs)) / 1_000;
  const deceivedCount = results.reduce((sum, result) => sum + result.deceivedCount, 0);
  return [
    {
      rule: `no SUBSCRIBE with since waits longer than ${WAIT_MAX_S} s`,
      measured: `${figure(longestS)} s`,
      isMet: longestS <= WAIT_MAX_S,
    },
    {
      rule: 'every session that is told that it recovered has got all it missed, once',
      measured: `${deceivedCount} have not`,
      isMet: deceivedCount === 0,
    },
    {
      rule: `a resume asks Postgres at most ${STATEMENTS_MAX} statements more than a SUBSCRIBE without since`,
      measured: figure(extraStatements),
      isMet: extraStatements <= STATEMENTS_MAX + STRAY_STATEMENTS,
    },
  ];
}
