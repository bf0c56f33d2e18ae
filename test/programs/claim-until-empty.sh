#!/bin/sh
# Claims tasks for worker $1 through the command line `$2 $3` until none is ready, in the workspace that the options from
# $4 on lead to, and prints every result. Prints `ready`, and starts when its stdin closes. Exits with the code of the last claim.
worker=$1 node=$2 program=$3
shift 3
echo ready >&2
read -r _
status=0
while [ "$status" -eq 0 ]; do
  "$node" "$program" claim "$worker" race --lease 1d "$@" </dev/null
  status=$?
done
exit "$status"
