"""The hash chain and the append-only rule, as triggers."""

from django.db import migrations

# The id is drawn after the lock: otherwise two writers interleave and the chain breaks.
# clock_timestamp() and friends play no part, so verify_audit can recompute every link.
FORWARD = """
CREATE OR REPLACE FUNCTION audit_event_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(7420001);
    SELECT id, hash INTO last FROM audit_events ORDER BY id DESC LIMIT 1;
    NEW.id := coalesce(last.id, 0) + 1;
    NEW.previous_hash := coalesce(last.hash, repeat('0', 64));
    NEW.hash := audit_event_hash(NEW);
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION audit_event_hash(e audit_events) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.actor_kind,
        e.actor_id, e.actor_label, e.action, e.target_type, e.target_id, e.channel, e.data,
        e.previous_hash)::text, 'UTF8')), 'hex')
$$;
CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_events is append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_append_only';
END $$;
CREATE TRIGGER audit_event_link BEFORE INSERT ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_event_link();
CREATE TRIGGER audit_event_refuse BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_event_refuse();
"""
BACKWARD = """
DROP TRIGGER audit_event_refuse ON audit_events;
DROP TRIGGER audit_event_link ON audit_events;
DROP FUNCTION audit_event_refuse();
DROP FUNCTION audit_event_link();
DROP FUNCTION audit_event_hash(audit_events);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
