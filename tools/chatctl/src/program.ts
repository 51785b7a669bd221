import { TOPIC_NAMES } from '@chat/kafka-contracts';
import { Argument, Command } from '@commander-js/extra-typings';
import { duration, many, messageId, roomId, url, userId, whole } from './arguments.ts';
import { REVOCABLE } from './commands/revocable.ts';
import type { GlobalOptions } from './config.ts';
import type { CommandContext } from './context.ts';
import { exitCodeLines } from './exit-codes.ts';
import { LOAD_BOUNDS } from './load/load-bounds.ts';

const HISTORY_MAX = 200;
const PAGE_MAX = 100;
const LETTERS_MAX = 1_000;

const AFTERWORD = `
Where nothing is said, the local stack of this clone is meant, and user 1. The environment may say it as well:
  CHAT_URL, CHAT_WS_URL, CHAT_TOKEN       --url, --ws-url (comma-separated), --token
  CHAT_LOCAL_DIR, JWT_SECRET              the local stack's folder, and the secret that tokens are made with
  DATABASE_URL, REDIS_URL, KAFKA_…        what \`doctor\` and \`dead-letters\` look at, as the apps have it
  DEBUG                                   --verbose
  NO_COLOR                                no colours, on a terminal either

Who names another service by --url names its gateway by --ws-url as well: send, tail, presence, chat and load need one, and
those of the local stack are not taken for it. Nor is its REST API taken for that of another gateway.

Results go to standard output, all else to standard error. Exit codes:
${exitCodeLines().join('\n')}
`;

export interface ProgramOptions {
  /** Opens the context of a command, and does its work. */
  readonly run: (options: GlobalOptions, work: (context: CommandContext) => Promise<void> | void) => Promise<void>;
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
}

/** Every command with its options. Throws a CommanderError for a line that cannot be understood, and after --help. */
export function createProgram({ run, writeOut, writeErr }: ProgramOptions) {
  const program = new Command('chatctl')
    .description('The chat from a terminal: tokens, rooms, messages, presence, load, and what is wrong.')
    .exitOverride()
    .configureOutput({ writeOut, writeErr })
    .configureHelp({ showGlobalOptions: true })
    .option('--json', 'one JSON document, or a line of JSON for each item')
    .option('--verbose', 'where in the code a failure was that nobody foresaw')
    .option('--url <url>', 'where the REST API is, as http://127.0.0.1:8080', url)
    .option('--ws-url <url>', 'where a gateway is, as ws://127.0.0.1:8081/ws; may be given several times', many(url))
    .option('--token <jwt>', 'who speaks; other users of this machine can see it there: rather use CHAT_TOKEN')
    .option('--user <id>', 'who speaks, with a token that is made for the local stack', userId)
    .option('--username <name>', 'the name in that token')
    .addHelpText('after', AFTERWORD);
  const act = (work: (context: CommandContext) => Promise<void> | void) => run(program.opts() as GlobalOptions, work); // the options above

  program
    .command('token')
    .description('a token that the local stack takes')
    .option('--expires <duration>', 'as 90s, 30m, 12h or 7d', duration, 43_200)
    .action(async (options) => {
      const { tokenCommand } = await import('./commands/token-command.ts');
      await act((context) => tokenCommand(context, options));
    });

  const rooms = program.command('rooms').description('rooms and their members');
  for (const [name, whose, about] of [
    ['list', 'public', 'public rooms, newest first'],
    ['mine', 'own', 'rooms of the caller, newest activity first, with what is unread'],
  ] as const) {
    rooms
      .command(name)
      .description(about)
      .option('--page <number>', 'from 0', whole({ min: 0, max: 1_000_000 }), 0)
      .option('--size <count>', 'rooms of a page', whole({ min: 1, max: PAGE_MAX }), 20)
      .action(async (options) => {
        const { listRoomsCommand } = await import('./commands/rooms-command.ts');
        await act((context) => listRoomsCommand(context, whose, options));
      });
  }
  rooms
    .command('create')
    .description('a new room, with the caller as its owner')
    .argument('<name>')
    .option('--description <text>', 'what it is for', '')
    .option('--private', 'joined by invitation', false)
    .action(async (name, { description, private: isPrivate }) => {
      const { createRoomCommand } = await import('./commands/rooms-command.ts');
      await act((context) => createRoomCommand(context, { name, description, isPrivate }));
    });
  rooms
    .command('join')
    .description('makes the caller a member')
    .argument('<room>', 'id of the room', roomId)
    .action(async (room) => {
      const { joinRoomCommand } = await import('./commands/rooms-command.ts');
      await act((context) => joinRoomCommand(context, room));
    });
  rooms
    .command('members')
    .description('who is a member, and online')
    .argument('<room>', 'id of the room', roomId)
    .action(async (room) => {
      const { listMembersCommand } = await import('./commands/rooms-command.ts');
      await act((context) => listMembersCommand(context, room));
    });

  program
    .command('send')
    .description('one message, or each line of standard input; prints the ids once Kafka has them')
    .argument('<room>', 'id of the room', roomId)
    .argument('[text...]', 'the message; without it lines of standard input')
    .option('--persisted', 'wait until they are in the database, and so in the history', false)
    .option('--client-message-id <key>', 'the message is one, however often it is sent under this key')
    .action(async (room, words, { persisted, clientMessageId }) => {
      const { sendCommand } = await import('./commands/send-command.ts');
      const text = words.length === 0 ? null : words.join(' ');
      await act((context) => sendCommand(context, { roomId: room, text, persisted, clientMessageId }));
    });
  program
    .command('tail')
    .description('messages of a room as they come; comes back by itself, without a gap, until Ctrl-C')
    .argument('<room>', 'id of the room', roomId)
    .option('--since <message>', 'first what came after this message; 0: everything', messageId)
    .option('--history <count>', 'first the last so many messages', whole({ min: 1, max: HISTORY_MAX }))
    .option('--count <number>', 'end after so many messages', whole({ min: 1, max: 1_000_000_000 }))
    .option('--for <duration>', 'end after 90s, 30m, …', duration)
    .action(async (room, options) => {
      const { tailCommand } = await import('./commands/tail-command.ts');
      await act((context) => tailCommand(context, { roomId: room, ...options }));
    });
  program
    .command('presence')
    .description('who is there, then who comes and goes, until Ctrl-C')
    .argument('<room>', 'id of the room', roomId)
    .option('--once', 'only who is there now', false)
    .option('--all', 'name everybody, however many they are', false)
    .option('--for <duration>', 'end after 90s, 30m, …', duration)
    .action(async (room, options) => {
      const { presenceCommand } = await import('./commands/presence-command.ts');
      await act((context) => presenceCommand(context, { roomId: room, ...options }));
    });
  program
    .command('history')
    .description('stored messages of a room in its order, the newest ones unless said otherwise')
    .argument('<room>', 'id of the room', roomId)
    .option('--before <message>', 'older than this message', messageId)
    .option('--after <message>', 'newer than this message; 0: from the first one', messageId)
    .option('--limit <count>', 'of one page', whole({ min: 1, max: HISTORY_MAX }), 50)
    .option('--all', 'every page, from the first message or --after on', false)
    .action(async (room, options) => {
      const { historyCommand } = await import('./commands/history-command.ts');
      await act((context) => historyCommand(context, { roomId: room, ...options }));
    });
  program
    .command('chat')
    .description('a person in a room: joins it, prints its messages, sends what is typed')
    .option('--room <id>', 'the newest public one where none is named', roomId)
    .action(async (options) => {
      const { chatCommand } = await import('./commands/chat-command.ts');
      await act((context) => chatCommand(context, options));
    });
  program
    .command('load')
    .description('senders who write at a rate; how long receipts and deliveries take')
    .option('--room <id>', 'a new public one where none is named', roomId)
    .option(
      '--senders <count>',
      'users, or sessions of the caller where no secret is known',
      whole(LOAD_BOUNDS.senders),
      10,
    )
    .option('--rate <number>', 'messages a second, of all senders together', whole(LOAD_BOUNDS.perSecond), 50)
    .option('--duration <duration>', 'at most 1h', duration, 10)
    .option('--size <characters>', 'of a message', whole(LOAD_BOUNDS.size), 100)
    .action(async (options) => {
      const { loadCommand } = await import('./commands/load-command.ts');
      await act((context) => loadCommand(context, options));
    });
  program
    .command('erase-user')
    .description("ends a user's sessions and erases what they wrote and what is known of them; again: goes on")
    .argument('<user>', 'id of the user', userId)
    .option('--internal-url <url>', 'internal address of rooms-api, as http://127.0.0.1:9080', url)
    .action(async (user, options) => {
      const { eraseUserCommand } = await import('./commands/erase-user-command.ts');
      await act((context) => eraseUserCommand(context, { userId: user, ...options }));
    });
  program
    .command('revoke')
    .description('ends the sessions of a user, a session or a token (by its jti), and has their tokens refused')
    .addArgument(new Argument('<what>').choices(REVOCABLE))
    .argument('<id>', 'its id')
    .option('--internal-url <url>', 'internal address of rooms-api, as http://127.0.0.1:9080', url)
    .action(async (kind, id, options) => {
      const { revokeCommand } = await import('./commands/revoke-command.ts');
      await act((context) => revokeCommand(context, { kind, id, ...options }));
    });
  program
    .command('trace')
    .description('what became of a message: who took it, where it lies in the log, who got it')
    .argument('<message>', 'id of the message', messageId)
    .option('--internal-url <url>', 'internal address of rooms-api, as http://127.0.0.1:9080', url)
    .action(async (message, options) => {
      const { traceCommand } = await import('./commands/trace-command.ts');
      await act((context) => traceCommand(context, { messageId: message, ...options }));
    });
  program
    .command('dead-letters')
    .description('records that were set aside: how many of each topic, or those of a topic, with why and whose')
    .addArgument(new Argument('[topic]').choices(TOPIC_NAMES))
    .option('--limit <count>', 'of the newest ones', whole({ min: 1, max: LETTERS_MAX }), 20)
    .option('--values', 'what is in them as well, which may be what users wrote', false)
    .action(async (topic, options) => {
      const { deadLettersCommand } = await import('./commands/dead-letters-command.ts');
      await act((context) => deadLettersCommand(context, { topic, ...options }));
    });
  program
    .command('doctor')
    .description('what is wrong with Kafka, Redis, Postgres, clocks and apps, and what to do about it')
    .option(
      '--internal-url <url>',
      'internal address of an app, as http://127.0.0.1:9081; may be given several times',
      many(url),
    )
    .action(async (options) => {
      const { doctorCommand } = await import('./commands/doctor-command.ts');
      await act((context) => doctorCommand(context, options));
    });
  return program;
}
