#!/bin/sh
# Lists the content of the day's backup.
set -eu
day=${1#report-}

tar -tf "backups/backup-$day.tar" >"backups/$1.txt"
