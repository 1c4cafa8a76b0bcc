"""What the extractor reads in PostgreSQL. Only ``main`` chooses it."""
