#!/bin/sh
# A placeholder for a test of claiming.
set -eu
echo "claiming works"
