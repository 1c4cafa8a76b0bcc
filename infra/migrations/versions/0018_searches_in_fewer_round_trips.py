"""The statements of every search as functions: each a transaction of its own, in one round trip."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Whether an index is still level: most searches find that nothing was written since the one before.
_LEDGER_END = """
CREATE FUNCTION ledger_end(tenant text, owner text) RETURNS TABLE (head bigint, erased bigint)
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('mneme.tenants', tenant, true);
    RETURN QUERY
        SELECT h.head_seq, coalesce(h.erased_seq, 0) FROM heads AS h WHERE h.tenant_id = tenant AND h.user_id = owner;
END
$$;
"""

# The versions that were found, by their keys: never another version, whatever was written meanwhile. Within the lateral
# join the id stands alone, so that no estimate can lead the planner away from the primary key: with tenant and user
# beside it, it may believe that those two find one row, and read all of a user's.
_FOUND_MESSAGES = """
CREATE FUNCTION found_messages(tenant text, owner text, ids uuid[], revisions integer[]) RETURNS SETOF messages
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('mneme.tenants', tenant, true);
    RETURN QUERY
        SELECT r.* FROM unnest(ids, revisions) AS found (id, number)
        CROSS JOIN LATERAL (
            SELECT * FROM messages AS m WHERE m.message_id = found.id AND m.revision = found.number OFFSET 0
        ) AS r WHERE r.user_id = owner AND r.tenant_id = tenant;
END
$$;
"""
_FOUND_MEMORIES = """
CREATE FUNCTION found_memories(tenant text, owner text, ids uuid[]) RETURNS SETOF memories
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('mneme.tenants', tenant, true);
    RETURN QUERY
        SELECT r.* FROM unnest(ids) AS found (id)
        CROSS JOIN LATERAL (SELECT * FROM memories AS m WHERE m.memory_id = found.id OFFSET 0) AS r
        WHERE r.user_id = owner AND r.tenant_id = tenant;
END
$$;
"""
_SIGNATURES = (
    "ledger_end(text, text)",
    "found_messages(text, text, uuid[], integer[])",
    "found_memories(text, text, uuid[])",
)


def upgrade() -> None:
    """Functions with the rights of who calls them: row-level security applies."""
    for function in (_LEDGER_END, _FOUND_MESSAGES, _FOUND_MEMORIES):
        op.execute(function)
    for signature in _SIGNATURES:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO mneme_reader")
