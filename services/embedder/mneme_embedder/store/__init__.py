"""PostgreSQL as the embedder uses it: the state of records, what is indexed, cached vectors; in bulk."""
