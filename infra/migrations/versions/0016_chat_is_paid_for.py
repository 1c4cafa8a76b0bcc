"""The gateway books what its own questions to models cost, where the extractor books its."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The table has its row-level security since 0002."""
    op.execute("GRANT INSERT, UPDATE ON model_usage TO mneme_reader")
