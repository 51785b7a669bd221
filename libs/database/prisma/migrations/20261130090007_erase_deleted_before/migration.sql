-- What was deleted before this, five hundred deletes a transaction, so that no writer waits for long: one statement, and so in a
-- file of its own, or it could not commit. Again: no change.
DO $$
DECLARE
    "at_room" BIGINT := 0;
    "at_target" BIGINT := 0;
    "at_epoch" INTEGER := 0;
    "at_offset" BIGINT := -1;
    "deleted" RECORD;
BEGIN
    LOOP
        FOR "deleted" IN
            SELECT "room_id", "target_id", "epoch", "log_offset" FROM "messages"
            WHERE "kind" = 'DELETE' AND ("room_id", "target_id", "epoch", "log_offset") > ("at_room", "at_target", "at_epoch", "at_offset")
            ORDER BY "room_id", "target_id", "epoch", "log_offset" LIMIT 500
        LOOP
            PERFORM "erase_deleted"("deleted"."room_id", "deleted"."target_id");
            "at_room" := "deleted"."room_id";
            "at_target" := "deleted"."target_id";
            "at_epoch" := "deleted"."epoch";
            "at_offset" := "deleted"."log_offset";
        END LOOP;
        EXIT WHEN NOT FOUND;
        COMMIT;
    END LOOP;
END $$;
