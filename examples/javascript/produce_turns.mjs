// Send turns straight to the log, past the HTTP API, with kafkajs and CloudEvents headers.
// Run:  cd examples/javascript && npm install && MNEME_KAFKA_BOOTSTRAP=127.0.0.1:9092 node produce_turns.mjs [tenant] [user]

import { Kafka, Partitioners, logLevel } from "kafkajs";

const TOPIC = (process.env.MNEME_KAFKA_TOPIC_PREFIX ?? "") + "memory.turns.v1";
const SOURCE = "examples/produce_turns.mjs";
const TURNS = [
  ["t-1", "user", "Ada", "I moved to Lisbon in March."],
  ["t-2", "assistant", "Mneme", "How do you like it there?"],
  ["t-3", "user", "Ada", "Very much. I am learning Portuguese on Tuesdays."],
];

const [tenant = "default", user = "ada"] = process.argv.slice(2);
const kafka = new Kafka({ brokers: process.env.MNEME_KAFKA_BOOTSTRAP.split(","), logLevel: logLevel.ERROR });

// Murmur2 over the key, as in Java and aiokafka. With LegacyPartitioner (kafkajs 1.x), or librdkafka's default
// (consistent_random, CRC32), one user's turns would be spread over partitions: no write goes wrong, but it costs time.
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });

const messages = TURNS.map(([id, role, name, content]) => ({
  key: `${tenant}/${user}`,
  value: JSON.stringify({ conversation_id: "kafka", role, name, content }),
  headers: {
    ce_specversion: "1.0",
    ce_type: "turn",
    ce_source: SOURCE,
    ce_id: `${user}-${id}`, // ce_source and ce_id name the event: sent again, it changes nothing
    ce_time: new Date().toISOString(),
    "content-type": "application/json",
  },
}));

await producer.connect();
try {
  // acks -1 is "all": acknowledged is durable.
  const [{ partition }] = await producer.send({ topic: TOPIC, acks: -1, messages });
  console.log(`${messages.length} turns of ${tenant}/${user} sent to partition ${partition}`);
} finally {
  await producer.disconnect();
}
