"""A database of an earlier schema, with data in it, brought forward."""

from __future__ import annotations

import psycopg

from mneme_common.adapters import migrations
from tests.fixtures.databases import MnemeDatabase

_BEFORE = """
INSERT INTO heads (tenant_id, user_id, head_seq) VALUES ('acme', 'ann', 3);
INSERT INTO tenants (tenant_id, name, settings) VALUES ('acme', 'Acme', '{"kept": true}');
INSERT INTO jobs (job_id, tenant_id, kind, parameters, status)
VALUES ('00000000-0000-0000-0000-000000000001', 'acme', 'retention.run', '{"actions": ["archive"]}', 'done');
"""
_KEPT = "SELECT h.head_seq, t.settings, j.status FROM heads h, tenants t, jobs j"


def test_the_first_schema_with_data_in_it_comes_to_the_newest(empty_database: MnemeDatabase) -> None:
    url = empty_database.owner_url
    migrations.upgrade(url, "0001")
    with psycopg.connect(empty_database.superuser_url, autocommit=True) as connection:
        connection.execute(_BEFORE)
        before = connection.execute(_KEPT).fetchall()
        migrations.upgrade(url)
        after = connection.execute(_KEPT).fetchall()
        unprotected = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND NOT relrowsecurity AND relname <> 'alembic_version'"
        ).fetchall()
    assert (migrations.current(url), after, unprotected) == (migrations.head(), before, [])
