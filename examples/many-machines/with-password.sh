#!/bin/sh
# Runs a command with the queue's URL and its password in the environment: in no command line, no URL and no image.
set -eu

export CLAIMLOG_LOG="$QUEUE_URL"
PGPASSWORD=$(cat "$PASSWORD_FILE")
export PGPASSWORD
exec "$@"
