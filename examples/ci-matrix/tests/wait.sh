#!/bin/sh
# A placeholder for a test of waiting.
set -eu
echo "waiting works"
