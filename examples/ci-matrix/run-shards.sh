#!/bin/sh
# One job of the matrix: claims shards until none is left. A fast runner claims more of them, and another runner claims
# the shard of a lost one when its lease expires.
set -eu

claimlog work "ci-$RUNNER" shard --until-empty --lease 2m --timeout 30m -- ./run-shard.sh {id}
