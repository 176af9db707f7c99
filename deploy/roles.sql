-- For a database whose owner may not create roles: a superuser runs this once, best before the first
-- `migrate`. Afterwards, with the site stopped, `migrate ghar 0001` and `migrate` bring the policies and
-- the grants. Replace :owner by the role that owns the tables and set a password for ghar_web.
CREATE ROLE ghar_user NOLOGIN;
CREATE ROLE ghar_staff NOLOGIN;
CREATE ROLE ghar_worker NOLOGIN;
CREATE ROLE ghar_web LOGIN NOINHERIT;
CREATE ROLE ghar_backup NOLOGIN BYPASSRLS;
GRANT ghar_user, ghar_staff, ghar_worker TO ghar_web;
GRANT ghar_user, ghar_staff, ghar_worker, ghar_backup TO :owner;
