"""Valid time beside transaction time: when a memory was true, as far as that is known."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Versions written before say nothing of it. The grants and policies of the table cover its new columns."""
    op.execute("ALTER TABLE memories ADD COLUMN valid_from timestamptz, ADD COLUMN valid_to timestamptz")
