-- Where the room's log stood, as far as it was stored, when the member joined: what came before was never owed to him. Null for
-- rooms without a message by then.
ALTER TABLE "memberships"
    ADD COLUMN "joined_epoch" INTEGER,
    ADD COLUMN "joined_offset" BIGINT,
    ADD CONSTRAINT "memberships_joined" CHECK (("joined_epoch" IS NULL) = ("joined_offset" IS NULL));

-- Up to which record of the room's log a member has been delivered and has read; they only rise. They go with the membership.
CREATE TABLE "receipt_marks" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "delivered_epoch" INTEGER,
    "delivered_offset" BIGINT,
    "read_epoch" INTEGER,
    "read_offset" BIGINT,

    CONSTRAINT "receipt_marks_pkey" PRIMARY KEY ("room_id", "user_id"),
    CONSTRAINT "receipt_marks_member_fkey" FOREIGN KEY ("room_id", "user_id")
        REFERENCES "memberships"("room_id", "user_id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "receipt_marks_delivered" CHECK (("delivered_epoch" IS NULL) = ("delivered_offset" IS NULL)),
    CONSTRAINT "receipt_marks_read" CHECK (("read_epoch" IS NULL) = ("read_offset" IS NULL))
);
