"""Kill switches by tenant and class, and the counts by which updates that turned out wrong are told (S1-49, S1-50)."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLE = """
CREATE SEQUENCE kill_switch_versions;

-- The latest setting for a class; '*' stands for all classes of a tenant.
CREATE TABLE kill_switches (
    tenant_id text NOT NULL,
    memory_class text NOT NULL,
    create_only boolean NOT NULL,
    automatic boolean NOT NULL,
    reason text,
    version bigint NOT NULL DEFAULT nextval('kill_switch_versions'),
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, memory_class)
);
"""

# Ids of versions begin with the millisecond in which they were written, so the latest ones lie together in the index.
# A false update is one by an extractor that somebody undid or corrected right after.
_COUNTS = """
CREATE FUNCTION update_counts(wanted text, since timestamptz)
RETURNS TABLE (memory_class text, created bigint, updated bigint, false_updates bigint)
LANGUAGE sql STABLE
AS $$
    WITH recent AS MATERIALIZED (
        SELECT m.memory_class, m.op, m.source, m.root_id, m.version FROM memories AS m
        WHERE m.memory_id >= rpad(lpad(to_hex(floor(extract(epoch FROM since) * 1000)::bigint), 12, '0'), 32, '0')::uuid
            AND m.tenant_id || '' = wanted AND m.created_at >= since
    )
    SELECT r.memory_class,
        count(*) FILTER (WHERE r.op = 'create' AND r.source LIKE 'extractor/%'),
        count(*) FILTER (WHERE r.op = 'version' AND r.source LIKE 'extractor/%'),
        count(*) FILTER (WHERE r.op IN ('undo', 'correct') AND EXISTS (
            SELECT 1 FROM memories AS p WHERE p.root_id = r.root_id AND p.version = r.version - 1
                AND p.tenant_id || '' = wanted AND p.op = 'version' AND p.source LIKE 'extractor/%'))
    FROM recent AS r GROUP BY r.memory_class
$$;
REVOKE ALL ON FUNCTION update_counts(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION update_counts(text, timestamptz) TO mneme_reader, mneme_writer;
"""

_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"
_OPERATOR = "(SELECT current_setting('mneme.operator', true)) = 'on'"


def upgrade() -> None:
    """The table, who may see and change it, and the function that counts."""
    op.execute(_TABLE)
    op.execute("ALTER TABLE kill_switches ENABLE ROW LEVEL SECURITY")
    # Every resolver reads the switches of all tenants; there is no text in them but an operator's reason.
    allowed = f"{_TENANT} OR {_OPERATOR}"
    op.execute(f"CREATE POLICY tenant_isolation ON kill_switches USING ({allowed}) WITH CHECK ({_TENANT})")
    op.execute("GRANT SELECT, INSERT, UPDATE ON kill_switches TO mneme_reader, mneme_writer")
    op.execute("GRANT USAGE ON SEQUENCE kill_switch_versions TO mneme_reader, mneme_writer")
    op.execute(_COUNTS)
