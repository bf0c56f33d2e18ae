#!/bin/sh
# A placeholder for a test of renewing.
set -eu
echo "renewing works"
