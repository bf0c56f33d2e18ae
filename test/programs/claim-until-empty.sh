#!/bin/sh
# Claims tasks for worker $1 in workspace $4 through the command line `$2 $3` until none is ready, and prints every
# result. Prints `ready`, and starts when its stdin closes. Exits with the code of the last claim.
echo ready >&2
read -r _
status=0
while [ "$status" -eq 0 ]; do
  "$2" "$3" claim "$1" race --lease 1d --dir "$4" </dev/null
  status=$?
done
exit "$status"
