package chat.examples;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Reads chat messages from Kafka to the end of the topic as of now, and says of each record what it is.
 *
 * <pre>java chat.examples.ReadMessages &lt;brokers&gt; &lt;topic&gt; &lt;schemas&gt;</pre>
 *
 * <p>The last is the folder of that name in @chat/kafka-contracts. One line a record: partition:offset, then "valid" and
 * the content, "passed over" and the kind of a later version, or "refused" and why.
 */
public final class ReadMessages {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Schema key;
  private final Schema value;
  private final Schema headers;
  private final Set<String> knownKinds = new HashSet<>();

  private ReadMessages(Path schemas) throws IOException {
    key = schemaOf(schemas, "key");
    value = schemaOf(schemas, "value");
    headers = schemaOf(schemas, "headers");
    JsonNode kind = JSON.readTree(textOf(schemas, "value")).at("/$defs/MessageDTO/properties/kind/anyOf/0/enum");
    kind.forEach(name -> knownKinds.add(name.asString()));
  }

  public static void main(String[] args) throws IOException {
    ReadMessages messages = new ReadMessages(Path.of(args[2]));
    Map<String, Object> config = Map.of("bootstrap.servers", args[0], "enable.auto.commit", false);
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, bytes, bytes)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(args[1]).stream().map(info -> new TopicPartition(info.topic(), info.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          System.out.printf("%d:%d %s%n", record.partition(), record.offset(), messages.verdictOf(record));
        }
      }
    }
  }

  private String verdictOf(ConsumerRecord<byte[], byte[]> record) {
    String room;
    JsonNode message;
    ObjectNode metadata = JSON.createObjectNode();
    try {
      room = textOf(record.key());
      message = JSON.readTree(textOf(record.value()));
      for (Header header : record.headers()) {
        if (!metadata.has(header.key())) metadata.put(header.key(), textOf(header.value()));
      }
    } catch (CharacterCodingException | JacksonException | NullPointerException unreadable) {
      return "refused: not readable"; // no key or value, not UTF-8, not JSON
    }
    String problem = problemOf("key", key, StringNode.valueOf(room));
    if (problem == null) problem = problemOf("headers", headers, metadata);
    if (problem == null) problem = problemOf("value", value, message);
    if (problem != null) return "refused: " + problem;
    if (!room.equals(message.get("roomId").toString())) return "refused: the key is not the room"; // JSON Schema cannot say it
    JsonNode kind = message.get("kind");
    if (kind != null && !knownKinds.contains(kind.asString())) return "passed over: " + kind.asString();
    return "valid: " + message.get("content");
  }

  private static String problemOf(String part, Schema schema, JsonNode instance) {
    List<Error> errors = schema.validate(instance);
    return errors.isEmpty() ? null : part + " " + errors.get(0);
  }

  private static Schema schemaOf(Path schemas, String part) throws IOException {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    return registry.getSchema(textOf(schemas, part), InputFormat.JSON);
  }

  private static String textOf(Path schemas, String part) throws IOException {
    return Files.readString(schemas.resolve("chat-messages." + part + ".schema.json"));
  }

  private static String textOf(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }
}
