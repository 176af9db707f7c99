"""Roles and policies of the six private tables.

Where the login may not create roles (a managed server), deploy/roles.sql does it beforehand; without
them this migration leaves the tables as they are and the system check ghar.W002 says so.
"""

from django.db import migrations

TABLES = {
    "listing_fingerprints": "risk",
    "listing_risk_scores": "risk",
    "photo_hash_index": "risk",
    "viewing_requests": "viewing",
    "viewing_time_options": "viewing",
    "viewing_events": "viewing",
}

# duplicate_object and unique_violation: another database of the same server, at the same moment.
MAKE_ROLES = """
DO $$
DECLARE
    r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['ghar_user', 'ghar_staff', 'ghar_worker'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
    BEGIN
        CREATE ROLE ghar_web LOGIN NOINHERIT;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    BEGIN
        CREATE ROLE ghar_backup NOLOGIN BYPASSRLS;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    GRANT ghar_user, ghar_staff, ghar_worker TO ghar_web;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'roles not made: the login may not';
END $$
"""

HAVE_ROLES = """
SELECT count(*) = 4 FROM pg_roles
 WHERE rolname IN ('ghar_user', 'ghar_staff', 'ghar_worker', 'ghar_web')
"""

GRANTS = """
GRANT USAGE ON SCHEMA public TO ghar_web, ghar_user, ghar_staff, ghar_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public
    TO ghar_web, ghar_user, ghar_staff, ghar_worker;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public
    TO ghar_web, ghar_user, ghar_staff, ghar_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES
    TO ghar_web, ghar_user, ghar_staff, ghar_worker;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES
    TO ghar_web, ghar_user, ghar_staff, ghar_worker;
"""

# A poster reads whether a listing is held and what to do about it: no score, no reason, no hash.
POSTER_COLUMNS = "id, property_id, owner_id, status, summary, content_version, updated_at"

ENABLE = """
REVOKE ALL ON {table} FROM ghar_web, ghar_user;
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY staff_all ON {table} TO ghar_staff USING (true) WITH CHECK (true);
CREATE POLICY worker_all ON {table} TO ghar_worker USING (true) WITH CHECK (true);
"""

# The setting stands in a subselect so that it is read once a statement, not once a row.
UID = "(SELECT NULLIF(current_setting('ghar.uid', true), '')::uuid)"
SID = "(SELECT NULLIF(current_setting('ghar.sid', true), '')::uuid)"

POSTER_READS_STATUS = f"""
GRANT SELECT ({POSTER_COLUMNS}) ON listing_risk_scores TO ghar_user;
CREATE POLICY owner_reads ON listing_risk_scores FOR SELECT TO ghar_user USING (owner_id = {UID});
"""

PARTIES = f"(seeker_id = {UID} OR poster_id = {UID} OR seeker_session_id = {SID})"

PARTIES_ACT = """
GRANT SELECT, INSERT, UPDATE ON {table} TO ghar_user;
CREATE POLICY parties ON {table} TO ghar_user USING ({parties}) WITH CHECK ({parties});
"""


def forward(apps, schema_editor):
    execute = schema_editor.execute
    execute(MAKE_ROLES, params=None)  # its % signs are format()'s
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(HAVE_ROLES)
        if not cursor.fetchone()[0]:
            return
    execute(GRANTS)
    for table, family in TABLES.items():
        execute(ENABLE.format(table=table))
        if family == "viewing":
            execute(PARTIES_ACT.format(table=table, parties=PARTIES))
    execute(POSTER_READS_STATUS)
    execute("REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM PUBLIC, ghar_web, ghar_user")


def backward(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        for policy in ("staff_all", "worker_all", "owner_reads", "parties"):
            schema_editor.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")


class Migration(migrations.Migration):
    dependencies = [
        ("ghar", "0001_initial"),
        ("audit", "0002_chain"),
        ("moderation", "0002_steps"),
        ("viewings", "0002_steps"),
    ]
    operations = [migrations.RunPython(forward, backward)]
