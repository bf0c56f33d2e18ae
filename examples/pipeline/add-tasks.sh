#!/bin/sh
# Adds three tasks per page: fetch it, check it, publish it if the check passed. To add a single one:
# claimlog add check check-apples --needs fetch-apples --max-attempts 1
set -eu

for page in pages/*.txt; do
  name=$(basename "$page" .txt)
  printf '{"kind": "fetch", "task_id": "fetch-%s"}\n' "$name"
  printf '{"kind": "check", "task_id": "check-%s", "needs": ["fetch-%s"], "max_attempts": 1}\n' "$name" "$name"
  printf '{"kind": "publish", "task_id": "publish-%s", "needs": ["check-%s"]}\n' "$name" "$name"
done | claimlog add - >added.json
