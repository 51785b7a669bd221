-- Durable commands that wait: for their user to come, or, of the other targets, for whoever comes until they expire. `command` is
-- the value of the record; null where a gateway delivered it before it was stored here.
CREATE TABLE "kept_commands" (
    "target" TEXT NOT NULL,
    "command_id" TEXT NOT NULL,
    "command" TEXT,
    "log_offset" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "delivered_at" TIMESTAMPTZ(3),
    CONSTRAINT "kept_commands_pkey" PRIMARY KEY ("target", "command_id")
);
CREATE INDEX "kept_commands_expires_at_idx" ON "kept_commands" ("expires_at");
-- What waits for a user, oldest first, beside all that they have got; and the few that are no user's.
CREATE INDEX "kept_commands_waiting_idx" ON "kept_commands" ("target", "log_offset") WHERE "delivered_at" IS NULL;
CREATE INDEX "kept_commands_shared_idx" ON "kept_commands" ("expires_at", "log_offset") WHERE "target" NOT LIKE 'user:%';
