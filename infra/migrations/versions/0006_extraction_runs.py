"""Extractions asked for anew: what they found, until it is taken over or given up."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE extraction_runs (
    tenant_id text NOT NULL,
    run text NOT NULL,
    user_id text NOT NULL,
    source_event_id uuid NOT NULL,
    -- The message's place in the user's ledger, and how far the ledger was when it was read for the run.
    position bigint NOT NULL,
    read_at bigint NOT NULL,
    proposed jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id, run, position, source_event_id)
);
CREATE INDEX extraction_runs_by_name ON extraction_runs (tenant_id, run);
"""
_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"


def upgrade() -> None:
    """The gateway has no business with it."""
    op.execute(_TABLE)
    op.execute("ALTER TABLE extraction_runs ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_isolation ON extraction_runs USING ({_TENANT}) WITH CHECK ({_TENANT})")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON extraction_runs TO mneme_writer")
