-- The same up to the read mark.
ALTER TABLE "receipt_marks"
    ADD COLUMN "read_seq" BIGINT,
    ADD COLUMN "read_ordinal" BIGINT;

-- For apps of before, as with joinings: theirs are the rows whose mark comes or moves and whose numbers do not.
CREATE FUNCTION "count_up_to_read_mark"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW."read_seq" := "counted_up_to"(NEW."room_id", NEW."read_epoch", NEW."read_offset");
    NEW."read_ordinal" := "written_up_to"(NEW."room_id", NEW."user_id", NEW."read_seq");
    RETURN NEW;
END $$;
CREATE TRIGGER "receipt_marks_count_up_to_new_read_mark" BEFORE INSERT ON "receipt_marks" FOR EACH ROW
    WHEN (NEW."read_epoch" IS NOT NULL AND NEW."read_seq" IS NULL)
    EXECUTE FUNCTION "count_up_to_read_mark"();
CREATE TRIGGER "receipt_marks_count_up_to_moved_read_mark"
    BEFORE UPDATE OF "read_epoch", "read_offset" ON "receipt_marks" FOR EACH ROW
    WHEN (
        (NEW."read_epoch", NEW."read_offset") IS DISTINCT FROM (OLD."read_epoch", OLD."read_offset")
        AND (NEW."read_seq", NEW."read_ordinal") IS NOT DISTINCT FROM (OLD."read_seq", OLD."read_ordinal")
    )
    EXECUTE FUNCTION "count_up_to_read_mark"();
