#!/bin/sh
# Adds a task for each shard, once, however many jobs call it.
set -eu

claimlog init >opened.json
for i in $(seq "$SHARDS"); do
  printf '{"kind": "shard", "task_id": "shard-%d", "max_attempts": 2, "backoff": {"first_ms": 1000, "max_ms": 1000}}\n' "$i"
done | claimlog add - >added.json
