"""Schemas that tenants define: versions, their classes, how far memories have been brought up to date with them."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TENANT = "tenant_id = ANY ((SELECT string_to_array(current_setting('mneme.tenants', true), ','))::text[])"
_OPERATOR = "(SELECT current_setting('mneme.operator', true)) = 'on'"

_TABLES = """
CREATE TABLE schema_versions (
    tenant_id text NOT NULL,
    version integer NOT NULL,
    status text NOT NULL CHECK (
        status IN ('annotating', 'needs_approval', 'ready', 'active', 'superseded', 'deprecated')),
    annotated_by text NOT NULL,
    model text,
    prompt_hash text,
    activates boolean NOT NULL,
    approved boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    PRIMARY KEY (tenant_id, version)
);
CREATE UNIQUE INDEX schema_versions_active ON schema_versions (tenant_id) WHERE status = 'active';

-- since: the version in which the class came to be as it is, known once its version is active.
CREATE TABLE schema_classes (
    tenant_id text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    place integer NOT NULL,
    definition jsonb NOT NULL,
    annotation jsonb NOT NULL,
    since integer NOT NULL,
    PRIMARY KEY (tenant_id, version, name),
    FOREIGN KEY (tenant_id, version) REFERENCES schema_versions (tenant_id, version) ON DELETE CASCADE
);

CREATE TABLE schema_backfills (
    tenant_id text NOT NULL,
    version integer NOT NULL,
    status text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'superseded')),
    job_id uuid NOT NULL,
    users_total integer,
    users_done integer NOT NULL DEFAULT 0,
    memories_done bigint NOT NULL DEFAULT 0,
    collisions bigint NOT NULL DEFAULT 0,
    after_user text NOT NULL DEFAULT '',
    started_at timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, version),
    FOREIGN KEY (tenant_id, version) REFERENCES schema_versions (tenant_id, version) ON DELETE CASCADE
);

-- Memories that are of another version of their class than the active one: what a backfill has still to do.
CREATE INDEX memories_of_own_classes ON memories (tenant_id, memory_class, schema_version, user_id)
    WHERE to_seq IS NULL AND NOT tombstone AND schema_version LIKE 'tenant-%';

ALTER TABLE privacy_policies ADD COLUMN class_values text[] NOT NULL DEFAULT '{}',
    ADD COLUMN class_identities text[] NOT NULL DEFAULT '{}';
"""

# The active version's personal columns are part of the privacy policy from the same moment on; those that identify a
# memory are named twice. A class that is as it was keeps its version, so its memories need no work.
_ACTIVATE = """
CREATE FUNCTION activate_schema(tenant text, wanted integer) RETURNS uuid
LANGUAGE plpgsql SECURITY INVOKER
AS $$
DECLARE
    before integer;
    job uuid := gen_random_uuid();
    personal text[];
    identifying text[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('schema ' || tenant, 0));
    SELECT v.version INTO before FROM schema_versions v WHERE v.tenant_id = tenant AND v.status = 'active';
    IF before = wanted THEN
        RETURN NULL;
    END IF;
    UPDATE schema_versions v SET status = 'superseded' WHERE v.tenant_id = tenant AND v.version = before;
    UPDATE schema_backfills b SET status = 'superseded'
    WHERE b.tenant_id = tenant AND b.version = before AND b.status IN ('queued', 'running');
    UPDATE schema_versions v SET status = 'active', activated_at = now()
    WHERE v.tenant_id = tenant AND v.version = wanted;
    UPDATE schema_classes c SET since = coalesce((
        SELECT p.since FROM schema_classes p
        WHERE p.tenant_id = tenant AND p.version = before AND p.name = c.name
            AND p.definition = c.definition AND p.annotation = c.annotation), wanted)
    WHERE c.tenant_id = tenant AND c.version = wanted;
    SELECT coalesce(array_agg(c.name || '.' || (col ->> 'name') ORDER BY 1), '{}'),
        coalesce(array_agg(c.name || '.' || (col ->> 'name') ORDER BY 1)
            FILTER (WHERE c.annotation -> 'identity_fields' ? (col ->> 'name')), '{}')
    INTO personal, identifying
    FROM schema_classes c CROSS JOIN LATERAL jsonb_array_elements(c.definition -> 'columns') AS col
    WHERE c.tenant_id = tenant AND c.version = wanted AND (col ->> 'pii')::boolean;
    INSERT INTO privacy_policies AS p (tenant_id, version, class_values, class_identities)
    SELECT tenant, 1, personal, identifying WHERE personal <> '{}'
        OR EXISTS (SELECT 1 FROM privacy_policies o WHERE o.tenant_id = tenant AND o.class_values <> '{}')
    ON CONFLICT (tenant_id) DO UPDATE SET version = p.version + 1, class_values = excluded.class_values,
        class_identities = excluded.class_identities, updated_at = now();
    INSERT INTO jobs (job_id, tenant_id, kind, parameters, status)
    VALUES (job, tenant, 'schema.backfill', jsonb_build_object('schema_version', wanted), 'queued');
    INSERT INTO schema_backfills AS b (tenant_id, version, status, job_id) VALUES (tenant, wanted, 'queued', job)
    ON CONFLICT (tenant_id, version) DO UPDATE SET status = 'queued', job_id = excluded.job_id, users_total = NULL,
        users_done = 0, memories_done = 0, collisions = 0, after_user = '', started_at = NULL, finished_at = NULL;
    PERFORM pg_notify('mneme_privacy', '');
    RETURN job;
END
$$;
REVOKE ALL ON FUNCTION activate_schema(text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION activate_schema(text, integer) TO mneme_reader, mneme_writer;
"""


def upgrade() -> None:
    """The tables, who may see and change them, and the one way in which a version becomes the active one."""
    op.execute(_TABLES)
    for table in ("schema_versions", "schema_classes", "schema_backfills"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        # Workers read the classes of all tenants; there is nothing of any user in them.
        op.execute(f"CREATE POLICY tenant_isolation ON {table} USING ({_TENANT} OR {_OPERATOR}) WITH CHECK ({_TENANT})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO mneme_reader, mneme_writer")
    op.execute("GRANT INSERT, UPDATE ON privacy_policies TO mneme_writer")
    op.execute(_ACTIVATE)
