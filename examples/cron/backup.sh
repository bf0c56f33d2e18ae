#!/bin/sh
# Packs the data. It gets its name only when it is whole.
set -eu

mkdir -p backups
tar -cf "backups/$1.part" data
mv "backups/$1.part" "backups/$1.tar"
echo "backups/$1.tar" >"$CLAIMLOG_RESULT"
