"""Send turns straight to the log, past the HTTP API, with aiokafka and CloudEvents headers.

Run:  MNEME_KAFKA_BOOTSTRAP=127.0.0.1:9092 uv run examples/produce_turns.py [tenant] [user]
Then: uv run mneme search "where does Ada live" --user ada
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

TOPIC = "memory.turns.v1"
SOURCE = "examples/produce_turns.py"
TURNS = [
    ("t-1", "user", "Ada", "I moved to Lisbon in March."),
    ("t-2", "assistant", "Mneme", "How do you like it there?"),
    ("t-3", "user", "Ada", "Very much. I am learning Portuguese on Tuesdays."),
]


async def produce(bootstrap: str, topic: str, tenant: str, user: str) -> int:
    """Sends the turns in order; the partition that they are in. Sent again, they change nothing."""
    # acks="all": with Kafka, acknowledged is durable. The partitioner is murmur2, as in Java. No idempotent producer is
    # needed: what is sent twice has the same ce_source and ce_id, and is applied once.
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all") as producer:
        for identifier, role, name, content in TURNS:
            turn = {"conversation_id": "kafka", "role": role, "name": name, "content": content}
            headers = {
                "ce_specversion": "1.0",
                "ce_type": "turn",
                "ce_source": SOURCE,
                "ce_id": f"{user}-{identifier}",
                "ce_time": datetime.now(UTC).isoformat(),
                "content-type": "application/json",
            }
            sent = await producer.send_and_wait(
                topic,
                key=f"{tenant}/{user}".encode(),
                value=json.dumps(turn).encode(),
                headers=[(header, value.encode()) for header, value in headers.items()],
            )
        return int(sent.partition)


if __name__ == "__main__":
    tenant = sys.argv[1] if len(sys.argv) > 1 else "default"
    user = sys.argv[2] if len(sys.argv) > 2 else "ada"
    topic = os.environ.get("MNEME_KAFKA_TOPIC_PREFIX", "") + TOPIC
    partition = asyncio.run(produce(os.environ["MNEME_KAFKA_BOOTSTRAP"], topic, tenant, user))
    print(f"{len(TURNS)} turns of {tenant}/{user} sent to partition {partition}")
