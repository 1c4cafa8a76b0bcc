"""One technology a module: PostgreSQL, Kafka, vector stores, embedding models. Composition roots choose among them."""
