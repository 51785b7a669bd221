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
