"""The spine: ledger, records, progress, control plane, and the policies that isolate tenants."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_LEDGER = """
CREATE TABLE heads (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    head_seq bigint NOT NULL DEFAULT 0,
    head_time timestamptz,
    emitted_seq bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, user_id)
) WITH (fillfactor = 50);

CREATE TABLE subject_keys (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    wrapped_key bytea,
    created_at timestamptz NOT NULL,
    erased_at timestamptz,
    PRIMARY KEY (tenant_id, user_id)
);

CREATE TABLE ledger (
    tenant_id text NOT NULL,
    event_id uuid NOT NULL,
    user_id text NOT NULL,
    seq bigint NOT NULL,
    event_type text NOT NULL,
    type_version integer NOT NULL,
    source text NOT NULL,
    status text NOT NULL CHECK (status IN ('applied', 'refused', 'buried')),
    request_hash text NOT NULL,
    payload bytea NOT NULL,
    decision jsonb NOT NULL,
    decider_version text NOT NULL,
    outcome jsonb NOT NULL,
    traceparent text,
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (event_id, tenant_id),
    UNIQUE (tenant_id, user_id, seq)
);
"""

_RECORDS = """
CREATE TABLE messages (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    message_id uuid NOT NULL,
    revision integer NOT NULL,
    conversation_id text NOT NULL,
    role text NOT NULL,
    name text,
    content text NOT NULL,
    metadata jsonb NOT NULL,
    importance_score double precision NOT NULL,
    importance_override double precision,
    namespace text,
    archived boolean NOT NULL,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint,
    PRIMARY KEY (message_id, revision, tenant_id)
);
CREATE INDEX messages_by_position ON messages (tenant_id, user_id, from_seq);
CREATE INDEX messages_closed ON messages (tenant_id, user_id, to_seq) WHERE to_seq IS NOT NULL;
CREATE INDEX messages_of_conversation ON messages (tenant_id, user_id, conversation_id, occurred_at)
    WHERE to_seq IS NULL;

CREATE TABLE memories (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    memory_id uuid NOT NULL,
    root_id uuid NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL,
    memory_type text NOT NULL,
    memory_class text NOT NULL,
    schema_version text NOT NULL,
    object_key text NOT NULL,
    key text,
    content text NOT NULL,
    values jsonb NOT NULL,
    content_hash text NOT NULL,
    tags text[] NOT NULL,
    namespace text,
    session_id text,
    author_id text,
    subject_id text,
    trust_tier text NOT NULL,
    initial_confidence double precision NOT NULL,
    importance double precision NOT NULL,
    pinned boolean NOT NULL,
    expires_at timestamptz,
    status text NOT NULL,
    superseded_by uuid,
    source text NOT NULL,
    source_message_ids text[] NOT NULL,
    spans jsonb NOT NULL,
    extra_metadata jsonb NOT NULL,
    op text NOT NULL,
    reason text,
    tombstone boolean NOT NULL,
    observed_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    event_id uuid NOT NULL,
    from_seq bigint NOT NULL,
    to_seq bigint,
    PRIMARY KEY (memory_id, tenant_id),
    UNIQUE (root_id, version, tenant_id)
);
CREATE INDEX memories_by_position ON memories (tenant_id, user_id, from_seq);
CREATE INDEX memories_closed ON memories (tenant_id, user_id, to_seq) WHERE to_seq IS NOT NULL;
-- One live memory for one identity: the resolver sees to it, this makes it a fact.
CREATE UNIQUE INDEX memories_by_identity ON memories (tenant_id, user_id, memory_class, object_key)
    WHERE to_seq IS NULL AND NOT tombstone;
CREATE INDEX memories_expiring ON memories (tenant_id, expires_at)
    WHERE to_seq IS NULL AND NOT tombstone AND expires_at IS NOT NULL;
"""

_PROGRESS = """
CREATE TABLE extractions (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    source_event_id uuid NOT NULL,
    schema_version text NOT NULL,
    run text NOT NULL,
    message_id uuid NOT NULL,
    revision integer NOT NULL,
    extractor text NOT NULL,
    model text,
    prompt_hash text,
    usage jsonb NOT NULL,
    proposals integer NOT NULL,
    event_id uuid NOT NULL,
    seq bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, source_event_id, schema_version, run)
);
CREATE INDEX extractions_of_user ON extractions (tenant_id, user_id, seq);

CREATE TABLE indexed (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    model text NOT NULL,
    point_id uuid NOT NULL,
    content_hash text NOT NULL,
    -- The end of the version, once its vector has it too.
    to_seq bigint,
    indexed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (point_id, model, tenant_id)
);

-- mneme_common.domain.identifiers.point_id: the first revision's vector is named after its message, later ones after
-- the SHA-256 of message and revision.
CREATE FUNCTION message_point_id(message_id uuid, revision integer) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN revision = 1 THEN message_id ELSE encode(substring(sha256(
    int8send(5) || 'point'::bytea || int8send(16) || uuid_send(message_id)
    || int8send(length(revision::text)) || convert_to(revision::text, 'UTF8')) FOR 16), 'hex')::uuid END;

CREATE TABLE vectors (
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    model text NOT NULL,
    point_id uuid NOT NULL,
    record_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('message', 'memory')),
    content_hash text NOT NULL,
    -- NULL where a point was closed before it was written; from_seq = to_seq then, so that no search sees it.
    embedding halfvec,
    from_seq bigint NOT NULL,
    to_seq bigint,
    PRIMARY KEY (tenant_id, user_id, model, point_id)
) WITH (toast_tuple_target = 8160);  -- vectors of up to 4,000 dimensions stay in their rows: an exact search reads all

CREATE TABLE embedding_models (
    model text PRIMARY KEY,
    dimension integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE embedding_cache (
    tenant_id text NOT NULL,
    model text NOT NULL,
    content_hash text NOT NULL,
    embedding halfvec NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, model, content_hash)
);

CREATE TABLE dead_letters (
    letter_id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    stage text NOT NULL,
    topic text NOT NULL,
    incarnation text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    event_id uuid,
    event_type text,
    reason text NOT NULL,
    detail text NOT NULL,
    attempts integer NOT NULL,
    key bytea,
    value bytea,
    headers jsonb NOT NULL,
    buried_at timestamptz NOT NULL,
    redriven_at timestamptz,
    resolved_at timestamptz,
    UNIQUE (stage, incarnation, topic, partition, "offset")
);
CREATE INDEX dead_letters_open ON dead_letters (tenant_id, buried_at) WHERE resolved_at IS NULL;
CREATE INDEX dead_letters_of_event ON dead_letters (tenant_id, event_id) WHERE resolved_at IS NULL;

CREATE TABLE journal (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    gateway uuid NOT NULL,
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL,
    headers jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX journal_of_event ON journal (event_id, tenant_id);
CREATE INDEX journal_of_user ON journal (tenant_id, user_id);

CREATE TABLE broker_incarnations (
    incarnation text PRIMARY KEY,
    bootstrap text NOT NULL,
    partitions integer NOT NULL,
    state text NOT NULL CHECK (state IN ('starting', 'ready', 'draining', 'closed')),
    started_at timestamptz NOT NULL DEFAULT now(),
    ready_at timestamptz,
    closed_at timestamptz
);

CREATE TABLE workers (
    stage text NOT NULL,
    instance text NOT NULL,
    ready boolean NOT NULL,
    lag bigint NOT NULL,
    processed bigint NOT NULL,
    failed bigint NOT NULL,
    buried bigint NOT NULL,
    per_second double precision NOT NULL,
    oldest_pending_at timestamptz,
    incarnation text NOT NULL,
    detail jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (stage, instance)
);
"""

_CONTROL_PLANE = """
CREATE TABLE tenants (
    tenant_id text PRIMARY KEY,
    name text NOT NULL,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    key_id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    user_id text NOT NULL,
    name text NOT NULL,
    key_hash bytea NOT NULL UNIQUE,
    key_prefix text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    expires_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX api_keys_of_user ON api_keys (tenant_id, user_id);

CREATE TABLE retention_policies (
    tenant_id text PRIMARY KEY,
    max_age_days integer NOT NULL DEFAULT 30,
    importance_threshold double precision NOT NULL DEFAULT 0.35,
    delete_after_days integer NOT NULL DEFAULT 90,
    max_items integer,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE jobs (
    job_id uuid PRIMARY KEY,
    tenant_id text NOT NULL,
    kind text NOT NULL,
    parameters jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed')),
    result jsonb,
    error text,
    attempts integer NOT NULL DEFAULT 0,
    -- Whoever works on it renews this; when it is over, another may take the job.
    lease_until timestamptz,
    published_at timestamptz,
    published_to text,
    requested_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX jobs_open ON jobs (requested_at) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_of_kind ON jobs (kind, finished_at);
"""

# The credential is looked up before its tenant is known: one function, by the hash alone, returns one row at most.
_FIND_API_KEY = """
CREATE FUNCTION find_api_key(wanted bytea)
RETURNS TABLE (key_id uuid, tenant_id text, user_id text, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT k.key_id, k.tenant_id, k.user_id, k.expires_at
    FROM api_keys AS k WHERE k.key_hash = wanted AND k.is_active
$$;
REVOKE ALL ON FUNCTION find_api_key(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_api_key(bytea) TO mneme_reader;
"""

# A replay folds a ledger into temporary tables; where the public may make such tables, nothing need be granted.
_GRANT_TEMPORARY = """
DO $$ BEGIN
    IF NOT has_database_privilege('mneme_writer', current_database(), 'TEMPORARY') THEN
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO mneme_writer', current_database());
    END IF;
END $$
"""

# What is accepted or recorded and not finished, counted across tenants without showing any of it: for operators.
_UNFINISHED_WORK = """
CREATE FUNCTION unfinished_work()
RETURNS TABLE (journal bigint, extraction bigint, indexing bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH buried AS (
        -- These wait for an operator, not for a stage.
        SELECT d.tenant_id, d.event_id FROM dead_letters AS d WHERE d.resolved_at IS NULL AND d.event_id IS NOT NULL
    ), unread AS (
        SELECT m.created_at FROM messages AS m WHERE m.to_seq IS NULL
        AND NOT EXISTS (
            SELECT 1 FROM extractions AS x WHERE x.source_event_id = m.event_id AND x.tenant_id = m.tenant_id)
        AND NOT EXISTS (SELECT 1 FROM buried AS b WHERE (b.tenant_id, b.event_id) = (m.tenant_id, m.event_id))
    ), unfound AS (
        SELECT m.created_at FROM messages AS m WHERE m.to_seq IS NULL AND NOT m.archived AND m.revision = 1
        AND NOT EXISTS (SELECT 1 FROM indexed AS i WHERE i.point_id = m.message_id AND i.tenant_id = m.tenant_id)
        AND NOT EXISTS (SELECT 1 FROM buried AS b WHERE (b.tenant_id, b.event_id) = (m.tenant_id, m.event_id))
        UNION ALL
        SELECT m.created_at FROM memories AS m WHERE m.to_seq IS NULL AND NOT m.tombstone
        AND NOT EXISTS (SELECT 1 FROM indexed AS i WHERE i.point_id = m.memory_id AND i.tenant_id = m.tenant_id)
        AND NOT EXISTS (SELECT 1 FROM buried AS b WHERE (b.tenant_id, b.event_id) = (m.tenant_id, m.event_id))
    )
    SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM unread), (SELECT count(*) FROM unfound),
        least((SELECT min(created_at) FROM journal), (SELECT min(created_at) FROM unread),
            (SELECT min(created_at) FROM unfound))
$$;
REVOKE ALL ON FUNCTION unfinished_work() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unfinished_work() TO mneme_reader;
"""

_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"
_OPERATOR = "(SELECT current_setting('mneme.operator', true)) = 'on'"

_TENANT_TABLES = (
    "heads",
    "subject_keys",
    "ledger",
    "messages",
    "memories",
    "extractions",
    "indexed",
    "vectors",
    "embedding_cache",
)
_OPERATED_TABLES = ("dead_letters", "journal", "jobs", "tenants", "api_keys", "retention_policies")
_SHARED_TABLES = ("broker_incarnations", "workers", "embedding_models")


# The two statements of every write over HTTP. Each names its tenants itself and is a transaction of its own, so that it
# takes one round trip; row-level security applies as to anything that its caller does.
_CALLS_OF_THE_GATEWAY = """
CREATE FUNCTION append_journal(
    writer uuid, tenants text[], users text[], ids uuid[], topics text[], keys bytea[], payloads bytea[],
    all_headers jsonb[]
) RETURNS TABLE (topic text, key bytea, value bytea, headers jsonb)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('mneme.tenants', array_to_string(tenants, ','), true);
    -- What other gateways have journalled for the same users and the ledger does not have yet: it comes first.
    RETURN QUERY
        SELECT j.topic, j.key, j.value, j.headers
        FROM (SELECT DISTINCT * FROM unnest(tenants, users) AS u (tenant_id, user_id)) AS u
        JOIN journal AS j USING (tenant_id, user_id)
        WHERE j.gateway <> writer ORDER BY j.position;
    INSERT INTO journal (gateway, tenant_id, user_id, event_id, topic, key, value, headers)
    SELECT writer, n.* FROM unnest(tenants, users, ids, topics, keys, payloads, all_headers) AS n;
END
$$;

CREATE FUNCTION read_outcomes(tenants text[], ids uuid[])
RETURNS TABLE (
    tenant_id text, event_id uuid, seq bigint, status text, request_hash text, outcome jsonb, applied_at timestamptz
)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('mneme.tenants', array_to_string(tenants, ','), true);
    -- The tenant is compared in a way that no index serves: with the tenants of row-level security besides, the planner
    -- would otherwise believe that the tenant alone finds one row, and read all of a tenant's to find an event.
    RETURN QUERY
        SELECT l.tenant_id, l.event_id, l.seq, l.status, l.request_hash, l.outcome, l.applied_at
        FROM unnest(tenants, ids) AS o (tenant_id, event_id), LATERAL (
            SELECT * FROM ledger WHERE ledger.event_id = o.event_id AND ledger.tenant_id || '' = o.tenant_id LIMIT 1
        ) AS l;
END
$$;
"""


def upgrade() -> None:
    """Tables first, then who may see and do what."""
    for part in (_LEDGER, _RECORDS, _PROGRESS, _CONTROL_PLANE, _FIND_API_KEY, _UNFINISHED_WORK, _CALLS_OF_THE_GATEWAY):
        op.execute(part)
    for table in _TENANT_TABLES + _OPERATED_TABLES + _SHARED_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    for table in _TENANT_TABLES:
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING ({_TENANT}) WITH CHECK ({_TENANT})")
    for table in _OPERATED_TABLES:
        allowed = f"{_TENANT} OR {_OPERATOR}"
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING ({allowed}) WITH CHECK ({allowed})")
    for table in _SHARED_TABLES:
        op.execute(f"CREATE POLICY shared ON {table} USING (true) WITH CHECK (true)")
    # The operator counts what is unfinished across tenants; he reads no content with it.
    for table in ("heads", "extractions", "indexed"):
        op.execute(f"CREATE POLICY operator_reads ON {table} FOR SELECT USING ({_OPERATOR})")
    _grant()


def _grant() -> None:
    op.execute("GRANT USAGE ON SCHEMA public TO mneme_reader, mneme_writer")
    op.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO mneme_reader, mneme_writer")
    op.execute("REVOKE ALL ON subject_keys, embedding_cache FROM mneme_reader")
    op.execute("REVOKE ALL ON api_keys FROM mneme_writer")
    op.execute("GRANT INSERT, UPDATE, DELETE ON tenants, api_keys, retention_policies, jobs TO mneme_reader")
    op.execute("GRANT INSERT ON journal TO mneme_reader")
    op.execute("GRANT UPDATE (redriven_at) ON dead_letters TO mneme_reader")
    written = (*_TENANT_TABLES, "dead_letters", "jobs", "broker_incarnations", "workers")
    op.execute(f"GRANT INSERT, UPDATE, DELETE ON {', '.join(written)} TO mneme_writer")
    op.execute("GRANT DELETE ON journal TO mneme_writer")
    op.execute("GRANT INSERT ON embedding_models TO mneme_writer")
    op.execute("GRANT INSERT ON retention_policies TO mneme_writer")
    op.execute(_GRANT_TEMPORARY)
