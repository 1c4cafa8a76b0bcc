"""Which vector index serves, and which is being filled beside it."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE vector_indexes (
    model text PRIMARY KEY,
    embedder text NOT NULL,
    embedding_model text NOT NULL,
    dimensions integer,
    state text NOT NULL
        CHECK (state IN ('clearing', 'filling', 'following', 'ready', 'serving', 'retired', 'dropped')),
    -- Versions to be embedded, those that have been, and those that the model refused.
    expected bigint NOT NULL DEFAULT 0,
    filled bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    -- What it waits for, while it waits.
    problem text,
    started_at timestamptz NOT NULL DEFAULT now(),
    ready_at timestamptz,
    served_at timestamptz,
    retired_at timestamptz,
    dropped_at timestamptz
);
CREATE UNIQUE INDEX vector_indexes_one_serves ON vector_indexes ((true)) WHERE state = 'serving';
CREATE UNIQUE INDEX vector_indexes_one_shadow ON vector_indexes ((true))
    WHERE state IN ('clearing', 'filling', 'following', 'ready');

CREATE FUNCTION read_vector_indexes() RETURNS SETOF vector_indexes LANGUAGE sql STABLE
AS $$ SELECT * FROM vector_indexes $$;
"""

# Where all vectors so far are of one model, that one serves; otherwise whoever starts first says which.
_WHAT_SERVES = """
INSERT INTO vector_indexes (model, embedder, embedding_model, dimensions, state, served_at)
SELECT model,
    CASE WHEN model LIKE 'openai/%' THEN 'openai' ELSE 'wordllama' END,
    CASE WHEN model LIKE 'openai/%' THEN regexp_replace(substring(model FROM 8), '@[0-9]+$', '') ELSE model END,
    substring(model FROM '^openai/.*@([0-9]+)$')::integer,
    'serving', now()
FROM (SELECT DISTINCT model FROM indexed) AS known
WHERE (SELECT count(DISTINCT model) FROM indexed) = 1
"""

_OPEN_TO_ALL = """
ALTER TABLE vector_indexes ENABLE ROW LEVEL SECURITY;
CREATE POLICY shared ON vector_indexes USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON vector_indexes TO mneme_reader, mneme_writer;
GRANT DELETE ON embedding_models TO mneme_writer;
"""


def upgrade() -> None:
    """The table, what it holds at once, and who may use it."""
    op.execute(_TABLE)
    op.execute(_WHAT_SERVES)
    op.execute(_OPEN_TO_ALL)
