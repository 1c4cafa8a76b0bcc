"""Reflection: memories name those that they were distilled from, users how far they have been reflected on."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"


def upgrade() -> None:
    """Nothing of before was distilled from anything."""
    op.execute("ALTER TABLE memories ADD COLUMN source_memory_ids text[] NOT NULL DEFAULT '{}'")
    op.execute("""
        CREATE TABLE reflected_users (
            tenant_id text NOT NULL,
            user_id text NOT NULL,
            reflected_seq bigint NOT NULL,
            reflected_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, user_id)
        )
    """)
    op.execute("ALTER TABLE reflected_users ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_isolation ON reflected_users USING ({_TENANT}) WITH CHECK ({_TENANT})")
    op.execute("GRANT SELECT ON reflected_users TO mneme_reader")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON reflected_users TO mneme_writer")
