-- The outbox holds what rooms-api publishes, whatever the topic: changes of rooms, and the messages that tell of removals in
-- the room's own log. Relays of an older version stop at what they do not know, and leave it to the newer ones.
ALTER TABLE "room_events_outbox"
    ADD COLUMN "topic" TEXT NOT NULL DEFAULT 'room-events',
    ADD CONSTRAINT "room_events_outbox_topic" CHECK ("topic" IN ('room-events', 'chat-messages'));
