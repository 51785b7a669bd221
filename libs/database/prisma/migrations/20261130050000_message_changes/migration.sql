-- What an EDIT, DELETE or REACTION is about, and whether it takes a reaction back; and of every row without a number the last one
-- before it, by which history goes on from there.
ALTER TABLE "messages"
    ADD COLUMN "target_id" BIGINT,
    ADD COLUMN "removed" BOOLEAN,
    ADD COLUMN "behind_seq" BIGINT;
UPDATE "messages" AS c SET "behind_seq" = coalesce((
    SELECT max(m."seq") FROM "messages" AS m
    WHERE m."room_id" = c."room_id" AND (m."epoch", m."log_offset") < (c."epoch", c."log_offset")
), 0) WHERE c."seq" IS NULL;
-- The newest text of a message by its author, and whether it was deleted: one look-up each. Small: plain messages are not in them.
CREATE INDEX "messages_edits_idx" ON "messages" ("room_id", "target_id", "sender_id", "epoch", "log_offset")
    WHERE "kind" = 'EDIT';
CREATE INDEX "messages_deletes_idx" ON "messages" ("room_id", "target_id", "epoch", "log_offset")
    WHERE "kind" = 'DELETE';

-- Of the rows without a number the history shows these alone.
CREATE INDEX "messages_system_idx" ON "messages" ("room_id", "epoch", "log_offset") WHERE "kind" = 'SYSTEM';

-- Who reacts to what with what at the moment, and how many do: moved with the rows, so that a page of history counts nothing.
CREATE TABLE "reactions" (
    "room_id" BIGINT NOT NULL,
    "target_id" BIGINT NOT NULL,
    "content" TEXT NOT NULL,
    "user_id" BIGINT NOT NULL,
    CONSTRAINT "reactions_pkey" PRIMARY KEY ("room_id", "target_id", "content", "user_id")
);
CREATE TABLE "reaction_counts" (
    "room_id" BIGINT NOT NULL,
    "target_id" BIGINT NOT NULL,
    "content" TEXT NOT NULL,
    "user_count" BIGINT NOT NULL CHECK ("user_count" >= 0),
    CONSTRAINT "reaction_counts_pkey" PRIMARY KEY ("room_id", "target_id", "content")
);
-- The most used first.
CREATE INDEX "reaction_counts_most_used_idx" ON "reaction_counts" ("room_id", "target_id", "user_count" DESC, "content" COLLATE "C")
    WHERE "user_count" > 0;
