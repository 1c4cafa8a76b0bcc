"""What is unfinished is counted from where everything before is finished, not over all that was ever recorded."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE finished_work (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    up_to timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO finished_work DEFAULT VALUES;
ALTER TABLE finished_work ENABLE ROW LEVEL SECURITY;
CREATE INDEX messages_by_time ON messages USING brin (updated_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX memories_by_time ON memories USING brin (created_at) WITH (pages_per_range = 32, autosummarize = on);
"""

# Versions are written at the time they carry, or a little later: a transaction has a minute and a quarter, then the
# server ends it. So two minutes before now the mark may stand, or at the first version that lacks something. What is
# buried lacks it too, and may be tried again; it is left out of the counts only.
_FUNCTION = """
CREATE OR REPLACE FUNCTION unfinished_work()
RETURNS TABLE (journal bigint, extraction bigint, indexing bigint, oldest timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    since timestamptz := (SELECT f.up_to FROM finished_work AS f);
    reached timestamptz;
BEGIN
    WITH unread AS (
        SELECT m.tenant_id, m.event_id, m.created_at, m.updated_at AS written_at
        FROM messages AS m WHERE m.updated_at >= since AND m.to_seq IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM extractions AS x WHERE x.source_event_id = m.event_id AND x.tenant_id = m.tenant_id)
    ), unfound AS (
        SELECT m.tenant_id, m.event_id, m.created_at, m.updated_at AS written_at
        FROM messages AS m WHERE m.updated_at >= since AND m.to_seq IS NULL AND NOT m.archived AND m.revision = 1
        AND NOT EXISTS (SELECT 1 FROM indexed AS i WHERE i.point_id = m.message_id AND i.tenant_id = m.tenant_id)
        UNION ALL
        SELECT m.tenant_id, m.event_id, m.created_at, m.created_at
        FROM memories AS m WHERE m.created_at >= since AND m.to_seq IS NULL AND NOT m.tombstone
        AND NOT EXISTS (SELECT 1 FROM indexed AS i WHERE i.point_id = m.memory_id AND i.tenant_id = m.tenant_id)
    ), lacking AS (
        SELECT true AS reading, unread.* FROM unread UNION ALL SELECT false, unfound.* FROM unfound
    ), judged AS (
        SELECT l.*, EXISTS (
            SELECT 1 FROM dead_letters AS d WHERE d.resolved_at IS NULL
            AND d.event_id = l.event_id AND d.tenant_id = l.tenant_id) AS buried FROM lacking AS l
    )
    SELECT (SELECT count(*) FROM journal), count(*) FILTER (WHERE j.reading AND NOT j.buried),
        count(*) FILTER (WHERE NOT j.reading AND NOT j.buried),
        least((SELECT min(w.created_at) FROM journal AS w), min(j.created_at) FILTER (WHERE NOT j.buried)),
        least(min(j.written_at), now() - interval '2 minutes')
    INTO journal, extraction, indexing, oldest, reached FROM judged AS j;
    UPDATE finished_work SET up_to = reached WHERE up_to < reached - interval '1 second';
    RETURN NEXT;
END
$$;
"""


def upgrade() -> None:
    """The mark, what it is looked for by, and the function that moves it."""
    op.execute(_TABLE)
    op.execute(_FUNCTION)
