CREATE TABLE "users" (
    "id" BIGINT NOT NULL,
    "username" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "chat_rooms" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "type" TEXT NOT NULL CHECK ("type" IN ('GROUP', 'DIRECT')),
    "visibility" TEXT NOT NULL CHECK ("visibility" IN ('PUBLIC', 'PRIVATE')),
    "status" TEXT NOT NULL CHECK ("status" IN ('ACTIVE', 'ARCHIVED')),
    "owner_id" BIGINT NOT NULL,
    "metadata" JSONB NOT NULL,
    "version" BIGINT NOT NULL,
    "last_activity_at" TIMESTAMPTZ(3) NOT NULL,
    "direct_low_user_id" BIGINT,
    "direct_high_user_id" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "chat_rooms_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "chat_rooms_direct_pair" CHECK (
        ("type" = 'GROUP' AND "direct_low_user_id" IS NULL AND "direct_high_user_id" IS NULL)
        OR ("type" = 'DIRECT' AND "direct_low_user_id" IS NULL AND "direct_high_user_id" IS NULL)
        OR ("type" = 'DIRECT' AND "direct_low_user_id" < "direct_high_user_id" AND "direct_high_user_id" IS NOT NULL)
    )
);
CREATE UNIQUE INDEX "chat_rooms_direct_low_user_id_direct_high_user_id_key"
    ON "chat_rooms" ("direct_low_user_id", "direct_high_user_id");
-- Serves the list of public rooms: newest first.
CREATE INDEX "chat_rooms_public_idx" ON "chat_rooms" ("id" DESC)
    WHERE "visibility" = 'PUBLIC' AND "status" = 'ACTIVE';

CREATE TABLE "memberships" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "role" TEXT NOT NULL CHECK ("role" IN ('OWNER', 'ADMIN', 'MEMBER')),
    "version" BIGINT NOT NULL,
    "joined_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "memberships_pkey" PRIMARY KEY ("room_id", "user_id"),
    CONSTRAINT "memberships_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "chat_rooms" ("id")
        ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "memberships_user_id_idx" ON "memberships" ("user_id");

CREATE TABLE "invitations" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "role" TEXT NOT NULL CHECK ("role" IN ('ADMIN', 'MEMBER')),
    "invited_by" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "invitations_pkey" PRIMARY KEY ("room_id", "user_id"),
    CONSTRAINT "invitations_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "chat_rooms" ("id")
        ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "invitations_user_id_idx" ON "invitations" ("user_id");

CREATE TABLE "room_events_outbox" (
    "id" BIGSERIAL NOT NULL,
    "room_id" BIGINT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ(3),
    CONSTRAINT "room_events_outbox_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "room_events_outbox_unsent_idx" ON "room_events_outbox" ("id") WHERE "sent_at" IS NULL;

-- No foreign key to chat_rooms: records of unknown rooms are stored too.
CREATE TABLE "messages" (
    "room_id" BIGINT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "log_offset" BIGINT NOT NULL,
    "seq" BIGINT,
    "sender_ordinal" BIGINT NOT NULL,
    "id" BIGINT NOT NULL,
    "sender_id" BIGINT NOT NULL,
    "content" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "kind" TEXT,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,
    "event_id" TEXT,
    "client_message_id" TEXT,
    "stored_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "messages_pkey" PRIMARY KEY ("room_id", "epoch", "log_offset")
);
CREATE INDEX "messages_room_id_id_idx" ON "messages" ("room_id", "id");
CREATE UNIQUE INDEX "messages_room_id_seq_key" ON "messages" ("room_id", "seq") WHERE "seq" IS NOT NULL;
CREATE UNIQUE INDEX "messages_room_id_event_id_key" ON "messages" ("room_id", "event_id") WHERE "event_id" IS NOT NULL;
CREATE UNIQUE INDEX "messages_room_id_sender_id_client_message_id_key"
    ON "messages" ("room_id", "sender_id", "client_message_id") WHERE "client_message_id" IS NOT NULL;

CREATE TABLE "room_counters" (
    "room_id" BIGINT NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "last_epoch" INTEGER NOT NULL,
    "last_log_offset" BIGINT NOT NULL,
    CONSTRAINT "room_counters_pkey" PRIMARY KEY ("room_id")
);

CREATE TABLE "sender_counters" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "last_ordinal" BIGINT NOT NULL,
    CONSTRAINT "sender_counters_pkey" PRIMARY KEY ("room_id", "user_id")
);

CREATE TABLE "log_positions" (
    "epoch" INTEGER NOT NULL,
    "partition" INTEGER NOT NULL,
    "next_offset" BIGINT NOT NULL,
    CONSTRAINT "log_positions_pkey" PRIMARY KEY ("epoch", "partition")
);

CREATE TABLE "log_epochs" (
    "epoch" INTEGER NOT NULL,
    "topic" TEXT NOT NULL,
    "partition_count" INTEGER NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(3),
    CONSTRAINT "log_epochs_pkey" PRIMARY KEY ("epoch")
);

CREATE TABLE "last_seen" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "last_seen_pkey" PRIMARY KEY ("room_id", "user_id")
);

CREATE TABLE "instance_numbers" (
    "number" SMALLINT NOT NULL CHECK ("number" BETWEEN 0 AND 511),
    "holder" UUID,
    "until_tick" BIGINT NOT NULL DEFAULT 0,
    CONSTRAINT "instance_numbers_pkey" PRIMARY KEY ("number")
);
INSERT INTO "instance_numbers" ("number") SELECT generate_series(0, 511);
