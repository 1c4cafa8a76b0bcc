"""The audit trail of a whole tenant is read by time."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index for pages, newest first; the user's own has the event too, so that pages end where they should."""
    op.execute("CREATE INDEX audit_events_of_tenant ON audit_events (tenant_id, happened_at, event_id)")
    op.execute("DROP INDEX audit_events_of_user")
    op.execute("CREATE INDEX audit_events_of_user ON audit_events (tenant_id, user_id, happened_at, event_id)")
