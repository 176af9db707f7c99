#!/bin/sh
# backup.sh FOLDER: the database and the photos, as they are now, into a new folder.
#
# DATABASE_OWNER_URL (or DATABASE_URL) is a login that may become ghar_backup; MEDIA is where the photos
# are. The database comes first: a photo that arrives meanwhile is one too many, never one too few.
set -eu
folder=$1
database=${DATABASE_OWNER_URL:-$DATABASE_URL}
umask 077
mkdir "$folder"
pg_dump --role=ghar_backup --format=custom --no-owner --no-comments --file="$folder/database.unfinished" "$database"
tar --create --file="$folder/photos.tar" --directory="${MEDIA:-var/media}" .
# Only now is it a backup.
mv "$folder/database.unfinished" "$folder/database"
