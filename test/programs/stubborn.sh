#!/bin/sh
# Starts processes of every kind, prints the pid of each on its own line, then `ready`. With the argument `ends` it
# exits, otherwise it waits. All of them ignore signals to end: the children of a shell ignore the signals that it
# ignores.
trap '' HUP INT TERM
pids="${CLAIMLOG_RESULT%/*}/pids"
export pids
echo $$ > "$pids"
sh -c 'echo $$ >> "$pids"; exec sleep 1000' &
many=2
if [ "$(uname)" = Linux ]; then
  many=5
  setsid sh -c 'echo $$ >> "$pids"; exec sleep 1000' &
  # A daemon: its own session, no parent, and no open files.
  (setsid sh -c 'sh -c "echo \$\$ >> \"\$pids\"; exec sleep 1000 <&- >&- 2>&-" & exit 0' &)
  # Starts other processes for as long as it runs.
  setsid sh -c 'echo $$ >> "$pids"; while :; do setsid sleep 0.01 & sleep 0.01; done' &
fi
while [ "$(wc -l < "$pids")" -lt $many ]; do sleep 0.05; done
cat "$pids"
echo ready
[ "$1" = ends ] && exit 0
while :; do sleep 1000; done
