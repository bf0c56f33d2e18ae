#!/bin/sh
# Adds one task per shard. Running it again changes nothing.
set -eu

claimlog init >opened.json
for i in $(seq "$SHARDS"); do
  printf '{"kind": "shard", "task_id": "shard-%d", "max_attempts": 2, "backoff": {"first_ms": 1000, "max_ms": 1000}}\n' "$i"
done | claimlog add - >added.json
