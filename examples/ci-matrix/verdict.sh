#!/bin/sh
# Waits for all shards. Exit code 0: all passed; 9: one failed for good; 8: the wait timed out.
set -eu

ids=$(seq -f 'shard-%.0f' "$SHARDS")
# shellcheck disable=SC2086
claimlog wait $ids --timeout 1h
