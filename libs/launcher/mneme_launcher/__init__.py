"""The embedded stack: PostgreSQL, a broker and the services on one command."""
