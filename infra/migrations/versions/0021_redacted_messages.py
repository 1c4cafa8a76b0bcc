"""What stands for the text of a message that retention has deleted."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# mneme_resolver.decide.redaction.redacted_content
_REDACTED_CONTENT = """
CREATE FUNCTION redacted_content(event_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '[deleted ' || event_id || ']'
"""


def upgrade() -> None:
    """The function."""
    op.execute(_REDACTED_CONTENT)
