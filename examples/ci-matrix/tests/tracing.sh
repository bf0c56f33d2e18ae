#!/bin/sh
# Stands for a test of tracing.
set -eu
echo "tracing works"
