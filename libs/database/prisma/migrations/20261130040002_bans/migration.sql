-- Invitations made before this do not expire.
ALTER TABLE "invitations" ADD COLUMN "expires_at" TIMESTAMPTZ(3);
CREATE INDEX "invitations_expires_at_idx" ON "invitations" ("expires_at");

-- Who may not be in a room; null is for good.
CREATE TABLE "bans" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "banned_by" BIGINT NOT NULL,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    CONSTRAINT "bans_pkey" PRIMARY KEY ("room_id", "user_id"),
    CONSTRAINT "bans_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "chat_rooms" ("id")
        ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "bans_expires_at_idx" ON "bans" ("expires_at");
