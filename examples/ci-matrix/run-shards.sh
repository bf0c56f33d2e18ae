#!/bin/sh
# One job of the matrix: takes shards until none is left. A fast runner takes more of them, and the shard of a runner
# that is lost goes to another when its lease ends.
set -eu

claimlog work "ci-$RUNNER" shard --until-empty --lease 2m --timeout 30m -- ./run-shard.sh {id}
