"""An extraction names the records that the message repeats."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of extractions of before nothing is known: they name none."""
    op.execute("ALTER TABLE extractions ADD COLUMN recalled uuid[] NOT NULL DEFAULT '{}'")
