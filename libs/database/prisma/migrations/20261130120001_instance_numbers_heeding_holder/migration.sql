-- The holder once more, where it is of a build that heeds revocations. An older one does not write it, so that here stands another
-- or none: that is how the instances are known that nobody may rely on to shut a user out.
ALTER TABLE "instance_numbers" ADD COLUMN "heeding_holder" UUID;
