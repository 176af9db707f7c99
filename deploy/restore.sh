#!/bin/sh
# restore.sh FOLDER: what backup.sh has written, into an empty database and an empty folder of photos.
#
# DATABASE_OWNER_URL (or DATABASE_URL) names the database and its future owner; MEDIA is where the photos
# go. The roles of deploy/roles.sql have to be there. All of it is restored, or nothing.
set -eu
folder=$1
database=${DATABASE_OWNER_URL:-$DATABASE_URL}
media=${MEDIA:-var/media}
pg_restore --exit-on-error --single-transaction --no-owner --dbname="$database" "$folder/database"
mkdir -p "$media"
tar --extract --file="$folder/photos.tar" --directory="$media"
