import { ChatError, pause, withDeadline, type HealthCheck, type Logger, type Service } from '@chat/service-kit';
import { createConnection, type Connection, type Sql } from './connection.ts';
import { tlsFailureOf, toDatabaseError } from './database-error.ts';
import {
  CONNECTION_TIMEOUT_MS,
  POOL_MAX_DEFAULT,
  START_DEADLINE_MS,
  START_RETRY_MS,
  STATEMENT_TIMEOUT_DEFAULT_MS,
  STOP_DEADLINE_MS,
  TRANSACTION_TIMEOUT_MS,
} from './limits.ts';
import { createLogEpochRepository, type LogEpochRepository } from './persisted-messages/log-epoch-repository.ts';
import {
  createPersistedMessageRepository,
  type PersistedMessageRepository,
} from './persisted-messages/persisted-message-repository.ts';
import { createRetentionRepository, type RetentionRepository } from './persisted-messages/retention-repository.ts';
import { createBanRepository, type BanRepository } from './repositories/ban-repository.ts';
import { createErasureRepository, type ErasureRepository } from './repositories/erasure-repository.ts';
import {
  createInstanceNumberRepository,
  type InstanceNumberRepository,
} from './repositories/instance-number-repository.ts';
import { createInvitationRepository, type InvitationRepository } from './repositories/invitation-repository.ts';
import { createKeptCommandRepository, type KeptCommandRepository } from './repositories/kept-command-repository.ts';
import { createLastSeenRepository, type LastSeenRepository } from './repositories/last-seen-repository.ts';
import { createMemberRepository, type MemberRepository } from './repositories/member-repository.ts';
import { createMembershipRepository, type MembershipRepository } from './repositories/membership-repository.ts';
import { createMessageRepository, type MessageRepository } from './repositories/message-repository.ts';
import { createMessageStoryRepository, type MessageStoryRepository } from './repositories/message-story-repository.ts';
import { createOutboxRepository, type OutboxRepository } from './repositories/outbox-repository.ts';
import { createReceiptMarkRepository, type ReceiptMarkRepository } from './repositories/receipt-mark-repository.ts';
import { createResumeRepository, type ResumeRepository } from './repositories/resume-repository.ts';
import { createRevocationRepository, type RevocationRepository } from './repositories/revocation-repository.ts';
import { createRoomRepository, type RoomRepository } from './repositories/room-repository.ts';
import { createRoomsOfUserRepository, type RoomsOfUserRepository } from './repositories/rooms-of-user.ts';
import { createSentMessageRepository, type SentMessageRepository } from './repositories/sent-message-repository.ts';
import { createUnreadRepository, type UnreadRepository } from './repositories/unread-repository.ts';
import { createUserRepository, type UserRepository } from './repositories/user-repository.ts';
import { checkSchemaVersion } from './schema-version.ts';

/** The values of `databaseSettings`, by the same names, and who connects. */
export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database`. */
  readonly databaseUrl: string;
  readonly logger: Logger;
  /** Connections at most; 10 where nothing is said. */
  readonly databasePoolMax?: number;
  /** Longest that one statement may run, in ms; 2,500 where nothing is said. */
  readonly databaseStatementTimeoutMs?: number;
  /** Name of this process in `pg_stat_activity`. */
  readonly applicationName?: string;
}

/** What can be read and written, by one connection of the pool each or all in one transaction. */
export interface Repositories {
  readonly rooms: RoomRepository;
  readonly roomsOfUser: RoomsOfUserRepository;
  readonly members: MemberRepository;
  readonly invitations: InvitationRepository;
  readonly bans: BanRepository;
  readonly memberships: MembershipRepository;
  readonly users: UserRepository;
  readonly messages: MessageRepository;
  readonly messageStories: MessageStoryRepository;
  readonly resume: ResumeRepository;
  readonly outbox: OutboxRepository;
  readonly lastSeen: LastSeenRepository;
  readonly keptCommands: KeptCommandRepository;
  readonly receiptMarks: ReceiptMarkRepository;
  readonly revocations: RevocationRepository;
  readonly unread: UnreadRepository;
  readonly sentMessages: SentMessageRepository;
  readonly erasures: ErasureRepository;
  readonly retention: RetentionRepository;
  readonly instanceNumbers: InstanceNumberRepository;
  readonly persistedMessages: PersistedMessageRepository;
  readonly logEpochs: LogEpochRepository;
}

export interface TransactionOptions {
  /** Longest that the whole transaction may take, in ms; 3,000 where nothing is said. */
  readonly timeoutMs?: number;
}

/** Postgres as the apps see it. Whatever fails for a connection, a timeout or a lock rejects with ChatError UNAVAILABLE. */
export class DatabaseService implements Service {
  readonly name = 'database';
  readonly repositories: Repositories;
  readonly #connection: Connection;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();

  constructor(connection: Connection, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
    this.repositories = createRepositories(connection.prisma);
  }

  /** Waits up to 20 s for Postgres to answer; rejects then, or at once where its schema is older than this code. */
  async start(): Promise<void> {
    const endAt = performance.now() + START_DEADLINE_MS;
    for (;;) {
      try {
        return await checkSchemaVersion(this.#connection.prisma);
      } catch (error) {
        const tlsFailure = tlsFailureOf(error);
        if (tlsFailure !== null) throw tlsFailure;
        const isAway = error instanceof ChatError && error.code === 'UNAVAILABLE';
        if (!isAway || this.#stopping.signal.aborted || performance.now() > endAt) throw error;
        this.#logger.warn({ err: error }, 'postgres does not answer yet');
      }
      await pause(START_RETRY_MS, this.#stopping.signal);
    }
  }

  /** Waits up to 3 s for statements in flight; rejects with a DeadlineError where one takes longer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await withDeadline(this.#disconnect(), STOP_DEADLINE_MS, 'closing the database connections');
  }

  async #disconnect(): Promise<void> {
    await this.#connection.prisma.$disconnect();
    await this.#connection.pool.end();
  }

  /** Ready while Postgres answers. */
  check(): HealthCheck {
    return {
      name: 'postgres',
      check: async () => {
        await this.#connection.prisma.$queryRaw`SELECT 1`;
      },
    };
  }

  /** All of the work or nothing of it: an error thrown inside rolls back and comes out. Read committed. */
  async transaction<Value>(
    work: (repositories: Repositories) => Promise<Value>,
    { timeoutMs = TRANSACTION_TIMEOUT_MS }: TransactionOptions = {},
  ): Promise<Value> {
    try {
      return await this.#connection.prisma.$transaction((sql) => work(createRepositories(sql)), {
        maxWait: CONNECTION_TIMEOUT_MS,
        timeout: timeoutMs,
      });
    } catch (error) {
      throw toDatabaseError(error);
    }
  }
}

/** A database that connects when it is first used; `start` checks it. */
export function openDatabase(options: DatabaseOptions): DatabaseService {
  return new DatabaseService(
    createConnection({
      url: options.databaseUrl,
      logger: options.logger,
      poolMax: options.databasePoolMax ?? POOL_MAX_DEFAULT,
      statementTimeoutMs: options.databaseStatementTimeoutMs ?? STATEMENT_TIMEOUT_DEFAULT_MS,
      applicationName: options.applicationName ?? 'chat',
    }),
    options.logger,
  );
}

function createRepositories(sql: Sql): Repositories {
  return {
    rooms: createRoomRepository(sql),
    roomsOfUser: createRoomsOfUserRepository(sql),
    members: createMemberRepository(sql),
    invitations: createInvitationRepository(sql),
    bans: createBanRepository(sql),
    memberships: createMembershipRepository(sql),
    users: createUserRepository(sql),
    messages: createMessageRepository(sql),
    messageStories: createMessageStoryRepository(sql),
    resume: createResumeRepository(sql),
    outbox: createOutboxRepository(sql),
    lastSeen: createLastSeenRepository(sql),
    keptCommands: createKeptCommandRepository(sql),
    receiptMarks: createReceiptMarkRepository(sql),
    revocations: createRevocationRepository(sql),
    unread: createUnreadRepository(sql),
    sentMessages: createSentMessageRepository(sql),
    erasures: createErasureRepository(sql),
    retention: createRetentionRepository(sql),
    instanceNumbers: createInstanceNumberRepository(sql),
    persistedMessages: createPersistedMessageRepository(sql),
    logEpochs: createLogEpochRepository(sql),
  };
}
