"""Privacy policies of tenants; references in outcomes keep ids and positions only, no name of a speaker."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"
_OPERATOR = "(SELECT current_setting('mneme.operator', true)) = 'on'"

_POLICIES = """
CREATE TABLE privacy_policies (
    tenant_id text PRIMARY KEY,
    version integer NOT NULL DEFAULT 1,
    rules jsonb NOT NULL DEFAULT '{}',
    redacted_values text[] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now()
)
"""

# What a recorded message is announced with is read from its row when it is announced again.
_LEAN_REFERENCES = """
UPDATE ledger SET outcome = jsonb_set(outcome, '{changes}', (
    SELECT coalesce(jsonb_agg(
        CASE WHEN c.change ->> 'type' = 'MessageRecorded'
        THEN c.change - ARRAY['conversation_id', 'role', 'name', 'namespace', 'occurred_at'] ELSE c.change END
        ORDER BY c.place), '[]')
    FROM jsonb_array_elements(outcome -> 'changes') WITH ORDINALITY AS c (change, place)))
WHERE outcome @> '{"changes": [{"type": "MessageRecorded"}]}'
"""


def upgrade() -> None:
    """The table, who may see it, and the ledger without what it need not repeat."""
    op.execute(_POLICIES)
    op.execute("ALTER TABLE privacy_policies ENABLE ROW LEVEL SECURITY")
    allowed = f"{_TENANT} OR {_OPERATOR}"
    op.execute(f"CREATE POLICY tenant_isolation ON privacy_policies USING ({allowed}) WITH CHECK ({allowed})")
    op.execute("GRANT SELECT ON privacy_policies TO mneme_reader, mneme_writer")
    op.execute("GRANT INSERT, UPDATE, DELETE ON privacy_policies TO mneme_reader")
    op.execute(_LEAN_REFERENCES)
