"""When memories were last retrieved, and how often: statistics beside the ledger, which no replay knows."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE memory_access (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    root_id uuid NOT NULL,
    access_count bigint NOT NULL,
    last_accessed_at timestamptz NOT NULL,
    PRIMARY KEY (root_id, tenant_id)
) WITH (fillfactor = 50);
CREATE INDEX memory_access_of_user ON memory_access (tenant_id, user_id);
"""
_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"


def upgrade() -> None:
    """The gateway counts; who erases a user deletes his rows."""
    op.execute(_TABLE)
    op.execute("ALTER TABLE memory_access ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_isolation ON memory_access USING ({_TENANT}) WITH CHECK ({_TENANT})")
    op.execute("GRANT SELECT, INSERT, UPDATE ON memory_access TO mneme_reader")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON memory_access TO mneme_writer")
