"""Extraction at work: answers of models that are kept, tokens that were spent, messages that wait for either."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = """
-- What a model answered, by what it was asked; a row belongs to the user whose words it was made of.
CREATE TABLE model_answers (
    tenant_id text NOT NULL,
    question_hash text NOT NULL,
    model text NOT NULL,
    prompt_hash text NOT NULL,
    schema_version text NOT NULL,
    user_id text NOT NULL,
    answered_by text,
    answer text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, question_hash, model, prompt_hash, schema_version)
);
CREATE INDEX model_answers_of_user ON model_answers (tenant_id, user_id);
CREATE INDEX model_answers_by_age ON model_answers (tenant_id, created_at);

CREATE TABLE model_usage (
    tenant_id text NOT NULL,
    day date NOT NULL,
    model text NOT NULL,
    prompt_tokens bigint NOT NULL DEFAULT 0,
    completion_tokens bigint NOT NULL DEFAULT 0,
    requests bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, day, model)
);

-- Recorded messages whose extraction waits; the log is done with them. Ids only, no text.
CREATE TABLE postponed_extractions (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    position bigint NOT NULL,
    message_id uuid NOT NULL,
    event_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason IN ('model_away', 'over_budget')),
    traceparent text,
    postponed_at timestamptz NOT NULL DEFAULT now(),
    retry_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, position, event_id)
);
CREATE INDEX postponed_extractions_due ON postponed_extractions (retry_at);
"""

_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"
_OPERATOR = "(SELECT current_setting('mneme.operator', true)) = 'on'"


def upgrade() -> None:
    """Tables first, then who may see and do what."""
    op.execute(_TABLES)
    for table in ("model_answers", "model_usage", "postponed_extractions"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table in ("model_answers", "model_usage"):
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
    # Whoever resumes what waits looks at all tenants first; there is no text in it.
    allowed = f"{_TENANT} OR {_OPERATOR}"
    op.execute(f"CREATE POLICY tenant_isolation ON postponed_extractions USING ({allowed}) WITH CHECK ({allowed})")
    op.execute("GRANT SELECT ON model_usage, postponed_extractions TO mneme_reader")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON model_answers, model_usage, postponed_extractions TO mneme_writer"
    )
