#!/bin/sh
# A placeholder for a test of tracing.
set -eu
echo "tracing works"
