"""Which key has wrapped the key of a data subject; empty for what was wrapped before keys had names."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column, with what is there told apart from what is wrapped from now on."""
    op.execute("ALTER TABLE subject_keys ADD COLUMN wrapped_by text NOT NULL DEFAULT ''")
