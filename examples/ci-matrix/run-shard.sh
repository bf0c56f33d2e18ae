#!/bin/sh
# Runs the tests of one shard: every SHARDS-th file, starting at the shard's number.
set -eu
shard=${1#shard-}

i=0
for file in tests/*.sh; do
  if [ $((i % SHARDS + 1)) -eq "$shard" ]; then
    echo "$file"
    sh "$file"
  fi
  i=$((i + 1))
done
