#!/bin/sh
# backup.sh FOLDER: the database and the photos, as they are now, into a new folder.
#
# DATABASE_OWNER_URL (or DATABASE_URL) is a login that may become ghar_backup; MEDIA is where the photos
# are, if not in GHAR_VAR. The database comes first: a photo that arrives meanwhile is one too many, and
# one that is deleted meanwhile is missing, as it would be a moment later.
set -eu
folder=$1
database=${DATABASE_OWNER_URL:-$DATABASE_URL}
media=${MEDIA:-${GHAR_VAR:-var}/media}
umask 077
test -d "$media" || { echo "There are no photos in $media: say where with MEDIA." >&2; exit 1; }
mkdir "$folder"
pg_dump --role=ghar_backup --format=custom --no-owner --no-comments \
  --file="$folder/database.unfinished" "$database"
# GNU tar says 1 where files came and went while it was reading, as they do on a site that is used.
tar --create --file=- --directory="$media" . >"$folder/photos.tar" || [ $? -eq 1 ]
# Only now is it a backup.
mv "$folder/database.unfinished" "$folder/database"
