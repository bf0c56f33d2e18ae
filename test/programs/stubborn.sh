#!/bin/sh
# Starts processes of every kind, says the pid of each on a line, then `ready`; with the word `ends` it ends, else it
# waits. None of them ends when it is asked to: what a shell ignores, its children ignore too.
trap '' HUP INT TERM
pids="${CLAIMLOG_RESULT%/*}/pids"
export pids
echo $$ > "$pids"
sh -c 'echo $$ >> "$pids"; exec sleep 1000' &
many=2
if [ "$(uname)" = Linux ]; then
  many=5
  setsid sh -c 'echo $$ >> "$pids"; exec sleep 1000' &
  # A daemon: a session of its own, a parent that is gone, and nothing open.
  (setsid sh -c 'sh -c "echo \$\$ >> \"\$pids\"; exec sleep 1000 <&- >&- 2>&-" & exit 0' &)
  # Starts others for as long as it lives.
  setsid sh -c 'echo $$ >> "$pids"; while :; do setsid sleep 0.01 & sleep 0.01; done' &
fi
while [ "$(wc -l < "$pids")" -lt $many ]; do sleep 0.05; done
cat "$pids"
echo ready
[ "$1" = ends ] && exit 0
while :; do sleep 1000; done
