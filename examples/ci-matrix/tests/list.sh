#!/bin/sh
# A placeholder for a test of listing.
set -eu
echo "listing works"
