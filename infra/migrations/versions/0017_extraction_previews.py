"""Texts that somebody wants read and not kept: they stand here until they are answered, and are gone then."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"


def upgrade() -> None:
    """The table, and who may see and change it. An erasure finds it by its columns."""
    op.execute("""
        CREATE TABLE extraction_previews (
            tenant_id text NOT NULL,
            user_id text NOT NULL,
            preview_id uuid NOT NULL,
            message jsonb NOT NULL,
            found jsonb,
            asked_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (preview_id, tenant_id)
        )
    """)
    op.execute("ALTER TABLE extraction_previews ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_isolation ON extraction_previews USING ({_TENANT}) WITH CHECK ({_TENANT})")
    op.execute("GRANT SELECT, INSERT, DELETE ON extraction_previews TO mneme_reader")
    op.execute("GRANT SELECT, UPDATE, DELETE ON extraction_previews TO mneme_writer")
