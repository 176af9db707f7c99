"""The role of backups reads every table, whatever row-level security says, and writes none."""

from django.db import migrations

HAS_ROLE = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ghar_backup')"

GRANTS = """
GRANT USAGE ON SCHEMA public TO ghar_backup;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO ghar_backup;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO ghar_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ghar_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO ghar_backup;
"""

REVOKES = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON SEQUENCES FROM ghar_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM ghar_backup;
REVOKE SELECT ON ALL SEQUENCES IN SCHEMA public FROM ghar_backup;
REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM ghar_backup;
REVOKE USAGE ON SCHEMA public FROM ghar_backup;
"""


def _where_the_role_is(sql):
    def run(apps, schema_editor):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(HAS_ROLE)
            if cursor.fetchone()[0]:
                cursor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("ghar", "0002_row_level_security")]
    operations = [migrations.RunPython(_where_the_role_is(GRANTS), _where_the_role_is(REVOKES))]
