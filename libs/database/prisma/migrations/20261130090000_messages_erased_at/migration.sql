-- When the data of its sender were erased: the row stays at its place, for order and numbers, without what it said. Alone, since all
-- of `messages` is locked for it.
ALTER TABLE "messages" ADD COLUMN "erased_at" TIMESTAMPTZ(3);
