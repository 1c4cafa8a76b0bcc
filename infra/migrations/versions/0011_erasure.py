"""Erasure of a data subject: where it stands in the ledger, who asked for it, and the one function that does it."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"
_OPERATOR = "(SELECT current_setting('mneme.operator', true)) = 'on'"

_TABLES = """
ALTER TABLE heads ADD COLUMN erased_seq bigint NOT NULL DEFAULT 0, ADD COLUMN erased_at timestamptz;

CREATE TABLE audit_events (
    event_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    event_type text NOT NULL,
    actor text NOT NULL,
    reason_code text,
    meta jsonb NOT NULL DEFAULT '{}',
    happened_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_events_of_user ON audit_events (tenant_id, user_id, happened_at);
"""

# Every table that says of its rows whose they are is searched, the ones to come too; what stays is named here and holds
# ids, times and positions only. The caches that are filed under content alone go by the contents that the user had.
_ERASE_SUBJECT = """
CREATE FUNCTION erase_subject(tenant text, subject text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE
    place text;
    rows bigint;
    removed jsonb := '{}';
BEGIN
    IF coalesce(tenant, '') = '' OR coalesce(subject, '') = '' THEN
        RAISE EXCEPTION 'an erasure names a tenant and a user';
    END IF;
    IF NOT tenant = ANY (string_to_array(current_setting('mneme.tenants', true), ',')) THEN
        RAISE EXCEPTION 'an erasure stays within the tenant of its transaction';
    END IF;
    DELETE FROM embedding_cache c WHERE c.tenant_id = tenant AND c.content_hash IN (
        SELECT v.content_hash FROM vectors v WHERE v.tenant_id = tenant AND v.user_id = subject
        UNION SELECT i.content_hash FROM indexed i WHERE i.tenant_id = tenant AND i.user_id = subject
        UNION SELECT m.content_hash FROM memories m WHERE m.tenant_id = tenant AND m.user_id = subject);
    GET DIAGNOSTICS rows = ROW_COUNT;
    removed := jsonb_build_object('embedding_cache', rows);
    FOR place IN
        SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
            AND c.relname NOT IN ('heads', 'ledger', 'api_keys', 'audit_events')
            AND (SELECT count(*) FROM pg_attribute a
                 WHERE a.attrelid = c.oid AND a.attname IN ('tenant_id', 'user_id') AND NOT a.attisdropped) = 2
        ORDER BY 1
    LOOP
        EXECUTE format('DELETE FROM %I WHERE tenant_id = $1 AND user_id = $2', place) USING tenant, subject;
        GET DIAGNOSTICS rows = ROW_COUNT;
        removed := removed || jsonb_build_object(place, rows);
    END LOOP;
    UPDATE ledger SET payload = '', request_hash = '', source = '', traceparent = NULL, status = 'refused',
        decision = '{}', outcome = '{"status": 410, "code": "ERASED", "detail": "The memory of this user was erased."}'
    WHERE tenant_id = tenant AND user_id = subject AND payload <> '';
    GET DIAGNOSTICS rows = ROW_COUNT;
    RETURN removed || jsonb_build_object('ledger', rows);
END
$$;
REVOKE ALL ON FUNCTION erase_subject(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_subject(text, text) TO mneme_writer;
"""


def upgrade() -> None:
    """Columns and tables, who may see them, and the function."""
    op.execute(_TABLES)
    op.execute("ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY")
    allowed = f"{_TENANT} OR {_OPERATOR}"
    op.execute(f"CREATE POLICY tenant_isolation ON audit_events USING ({allowed}) WITH CHECK ({allowed})")
    op.execute("GRANT SELECT, INSERT ON audit_events TO mneme_reader, mneme_writer")
    op.execute(_ERASE_SUBJECT)
