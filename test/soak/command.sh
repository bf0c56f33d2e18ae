#!/bin/sh
# The command of the soak test. It does what `does` in the task's payload names, and writes to the journal of its claim,
# a file named by the token: a line when it begins, and one just before it exits with 0. tasks.ts has the expected ends.
read -r task
word() {
  rest=${task#*\"$1\":\"}
  echo "${rest%%\"*}"
}
does=$(word does)
journal=$SOAK_JOURNALS/$CLAIMLOG_TOKEN
echo "begin $CLAIMLOG_TASK_ID $CLAIMLOG_ATTEMPT $CLAIMLOG_TOKEN $$" >> "$journal"

claimlog() { "$SOAK_NODE" "$SOAK_CLAIMLOG" "$@"; }

# One in its process group, one in a separate session, and a daemon: none of them ends by itself.
start_others() {
  sleep 1000 &
  setsid sleep 1000 &
  (setsid sh -c 'sh -c "exec sleep 1000 <&- >&- 2>&-" & exit 0' &)
}

ignore_signals() {
  trap '' HUP INT TERM
  while :; do sleep 1000; done
}

flood() {
  yes 'a line as long as those of a build that prints everything, and no one reads it' | head -n 50000
}

fail() {
  echo "$1" >&2
  exit "$2"
}

case $does in
  succeed) ;;
  succeed-later) sleep "$(word for)" ;;
  write) printf '{"token": %s}\n' "$CLAIMLOG_TOKEN" > "$CLAIMLOG_RESULT" ;;
  flood)
    flood
    flood >&2
    ;;
  renew)
    claimlog renew --progress '{"part": 1}' || exit 9
    sleep "$(word for)"
    ;;
  add) claimlog add steady --key "after-$CLAIMLOG_TASK_ID" --payload '{"does": "succeed"}' || exit 9 ;;
  fork) start_others ;;
  fail-once) [ "$CLAIMLOG_ATTEMPT" -gt 1 ] || fail 'not at once' 4 ;;
  give-back) [ ! -e "$SOAK_MARKERS/$CLAIMLOG_TASK_ID" ] && : > "$SOAK_MARKERS/$CLAIMLOG_TASK_ID" && fail 'not yet' 75 ;;
  fail) fail 'no disk' 3 ;;
  flood-and-fail)
    flood >&2
    fail 'no disk' 3
    ;;
  fork-and-fail)
    start_others
    fail 'no disk' 3
    ;;
  die) kill -KILL $$ ;;
  die-all) kill -KILL 0 ;;
  fault) kill -SEGV $$ ;;
  hang) exec sleep 1000 ;;
  hang-on) ignore_signals ;;
  hang-with-others)
    start_others
    ignore_signals
    ;;
  *) exit 1 ;;
esac

echo "end $CLAIMLOG_TASK_ID $CLAIMLOG_TOKEN" >> "$journal"
exit 0
