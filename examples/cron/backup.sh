#!/bin/sh
# Packs the data. The archive gets its final name only when it is complete.
set -eu

mkdir -p backups
tar -cf "backups/$1.part" data
mv "backups/$1.part" "backups/$1.tar"
echo "backups/$1.tar" >"$CLAIMLOG_RESULT"
