#!/bin/sh
# Stands for a test of renewing.
set -eu
echo "renewing works"
