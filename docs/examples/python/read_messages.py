"""Reads chat messages from Kafka to the end of the topic as of now, and says of each record what it is.

    python read_messages.py <brokers> <topic> <schemas>

<schemas> is the folder of that name in @chat/kafka-contracts. One line a record: partition:offset, then "valid" and the
content, "passed over" and the kind of a later version, or "refused" and why.
"""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator
from kafka import KafkaConsumer, TopicPartition


class Messages:
    """The schemas of key, value and headers of a record, and the kinds that this reader knows."""

    def __init__(self, folder: Path):
        self.key, self.value, self.headers = (
            Draft202012Validator(json.loads((folder / f"chat-messages.{part}.schema.json").read_text("utf-8")))
            for part in ("key", "value", "headers")
        )
        kind = self.value.schema["$defs"]["MessageDTO"]["properties"]["kind"]
        self.known_kinds = {None, *kind["anyOf"][0]["enum"]}

    def verdict(self, record) -> str:
        try:
            key = record.key.decode("utf-8")
            headers = {name: value.decode("utf-8") for name, value in reversed(record.headers)}
            message = json.loads(record.value)
        except (AttributeError, TypeError, ValueError):  # no key or value, not UTF-8, not JSON
            return "refused: not readable"
        for part, validator, instance in (
            ("key", self.key, key),
            ("headers", self.headers, headers),
            ("value", self.value, message),
        ):
            error = next(validator.iter_errors(instance), None)
            if error is not None:
                return f"refused: {part} {error.json_path}: {error.message[:200]}"
        if key != str(message["roomId"]):  # what JSON Schema cannot say
            return "refused: the key is not the room"
        if message.get("kind") not in self.known_kinds:
            return f"passed over: {message['kind']}"
        return f"valid: {json.dumps(message['content'])}"


def main(brokers: str, topic: str, schemas: str) -> None:
    messages = Messages(Path(schemas))
    consumer = KafkaConsumer(bootstrap_servers=brokers.split(","), enable_auto_commit=False)
    partitions = [TopicPartition(topic, partition) for partition in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends = consumer.end_offsets(partitions)
    while any(consumer.position(partition) < end for partition, end in ends.items()):
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                print(f"{record.partition}:{record.offset} {messages.verdict(record)}")
    consumer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
