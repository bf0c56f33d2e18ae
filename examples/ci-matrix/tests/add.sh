#!/bin/sh
# A placeholder for a test of adding.
set -eu
echo "adding works"
