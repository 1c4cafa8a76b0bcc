"""The gateway. In: HTTP requests. Out: events on ``memory.commands.v1``, and answers read from PostgreSQL.

It writes no message and no memory: a write is an event whose outcome is awaited. It owns tenants and keys.
"""
