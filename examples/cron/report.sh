#!/bin/sh
# Says what is in the backup of the day.
set -eu
day=${1#report-}

tar -tf "backups/backup-$day.tar" >"backups/$1.txt"
