"""The write path in fewer round trips: marks without a wait for the disk, a journal that is not read by user."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# A mark that a crash of the server loses costs an emission, which changes nothing: so it need not wait for the disk,
# to which the next commit takes it. Each user's mark moves over these events if nothing before them is unmarked.
_MARK_EMITTED = """
CREATE FUNCTION mark_emitted(tenants text[], ids uuid[]) RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('mneme.tenants', array_to_string(tenants, ','), true),
        set_config('synchronous_commit', 'off', true);
    WITH emitted AS MATERIALIZED (
        SELECT e.tenant_id, l.user_id, min(l.seq) AS first, max(l.seq) AS last
        FROM unnest(tenants, ids) AS e (tenant_id, event_id)
        CROSS JOIN LATERAL (SELECT * FROM ledger WHERE ledger.event_id = e.event_id OFFSET 0) AS l
        WHERE l.tenant_id = e.tenant_id
        GROUP BY e.tenant_id, l.user_id
    )
    UPDATE heads AS h SET emitted_seq = w.last FROM emitted AS w
    WHERE h.tenant_id = w.tenant_id AND h.user_id = w.user_id
        AND h.emitted_seq >= w.first - 1 AND h.emitted_seq < w.last;
END
$$;
REVOKE ALL ON FUNCTION mark_emitted(text[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mark_emitted(text[], uuid[]) TO mneme_writer;
"""

# Which of these events have a ledger row: for those that nobody waits for any more, but that count as on their way.
_SETTLED_EVENTS = """
CREATE FUNCTION settled_events(tenants text[], ids uuid[]) RETURNS TABLE (tenant_id text, event_id uuid)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('mneme.tenants', array_to_string(tenants, ','), true);
    RETURN QUERY
        SELECT o.tenant_id, o.event_id FROM unnest(tenants, ids) AS o (tenant_id, event_id), LATERAL (
            SELECT 1 FROM ledger WHERE ledger.event_id = o.event_id AND ledger.tenant_id || '' = o.tenant_id LIMIT 1
        ) AS l;
END
$$;
REVOKE ALL ON FUNCTION settled_events(text[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settled_events(text[], uuid[]) TO mneme_reader;
"""

# What other gateways have journalled for the same users: two ranges of the index for each user, both empty while there
# is one gateway. Looked up by user alone, each write would read everything of the user that is on its way.
_APPEND_JOURNAL = """
DROP INDEX journal_of_user;
CREATE INDEX journal_of_user ON journal (tenant_id, user_id, gateway);

CREATE OR REPLACE FUNCTION append_journal(
    writer uuid, tenants text[], users text[], ids uuid[], topics text[], keys bytea[], payloads bytea[],
    all_headers jsonb[]
) RETURNS TABLE (topic text, key bytea, value bytea, headers jsonb)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('mneme.tenants', array_to_string(tenants, ','), true);
    RETURN QUERY
        SELECT j.topic, j.key, j.value, j.headers
        FROM (SELECT DISTINCT * FROM unnest(tenants, users) AS u (tenant_id, user_id)) AS u
        CROSS JOIN LATERAL (
            SELECT * FROM journal AS l
            WHERE l.tenant_id = u.tenant_id AND l.user_id = u.user_id AND l.gateway < writer
            UNION ALL
            SELECT * FROM journal AS g
            WHERE g.tenant_id = u.tenant_id AND g.user_id = u.user_id AND g.gateway > writer
        ) AS j
        ORDER BY j.position;
    INSERT INTO journal (gateway, tenant_id, user_id, event_id, topic, key, value, headers)
    SELECT writer, n.* FROM unnest(tenants, users, ids, topics, keys, payloads, all_headers) AS n;
END
$$;
"""


def upgrade() -> None:
    """Functions of the caller's rights: row-level security applies as to anything that he does."""
    for part in (_MARK_EMITTED, _SETTLED_EVENTS, _APPEND_JOURNAL):
        op.execute(part)
