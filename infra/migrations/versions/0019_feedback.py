"""Feedback on what was found, and how a tenant's searches rank: beside the ledger, which no replay knows."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"
_OPERATOR = "(SELECT current_setting('mneme.operator', true)) = 'on'"

# The point is that of the version's vector: what is said of one version is said of no other.
_TABLES = """
CREATE TABLE feedback (
    feedback_id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('message', 'memory')),
    record_id uuid NOT NULL,
    point_id uuid NOT NULL,
    trust_tier text,
    signal text NOT NULL CHECK (signal IN ('useful', 'irrelevant', 'outdated', 'wrong')),
    context text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX feedback_of_user ON feedback (tenant_id, user_id, created_at);
CREATE TABLE retrieval_params (
    tenant_id text NOT NULL,
    version integer NOT NULL,
    feedback_weight double precision NOT NULL,
    weights jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, version)
);
"""


def upgrade() -> None:
    """Versions of parameters are only ever added; feedback goes with its user."""
    op.execute(_TABLES)
    for table, allowed in (("feedback", _TENANT), ("retrieval_params", f"{_TENANT} OR {_OPERATOR}")):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING ({allowed}) WITH CHECK ({allowed})")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO mneme_reader")
