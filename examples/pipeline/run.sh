#!/bin/sh
# Runs one worker per kind until no claimable task is left.
set -eu
cd "$(dirname "$0")"

claimlog init >opened.json
./add-tasks.sh

claimlog work fetcher fetch -- ./fetch.sh {id} &
workers=$!
claimlog work checker check -- ./check.sh {id} &
workers="$workers $!"
claimlog work publisher publish -- ./publish.sh {id} &
workers="$workers $!"

claimlog wait --empty >emptied.json
# Each worker stops claiming and exits.
# shellcheck disable=SC2086
kill $workers
wait

claimlog list
