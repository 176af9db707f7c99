#!/bin/sh
# restore.sh FOLDER: what backup.sh has written, into an empty database and an empty folder of photos.
#
# DATABASE_OWNER_URL (or DATABASE_URL) names the database and its future owner; MEDIA is where the photos
# go, if not into GHAR_VAR. The roles of deploy/roles.sql have to be there. The database is restored
# whole or not at all, and the photos before it.
set -eu
folder=$1
database=${DATABASE_OWNER_URL:-$DATABASE_URL}
media=${MEDIA:-${GHAR_VAR:-var}/media}
test -f "$folder/database" || { echo "$folder is no finished backup." >&2; exit 1; }
mkdir -p "$media"
test -z "$(ls -A "$media")" || { echo "$media is not empty: empty it and begin again." >&2; exit 1; }
tar --extract --file=- --directory="$media" <"$folder/photos.tar"
pg_restore --exit-on-error --single-transaction --no-owner --dbname="$database" "$folder/database"
