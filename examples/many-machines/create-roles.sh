#!/bin/sh
# Runs once, as the superuser of a new server: the role of workers, and one member. claimlog init grants the rights.
set -eu

psql --quiet --set ON_ERROR_STOP=1 --dbname queue --set "password=$(cat "${PASSWORDS:-/run/secrets}/worker-password")" << 'SQL'
CREATE ROLE claimlog_worker NOLOGIN;
CREATE ROLE pages_worker LOGIN IN ROLE claimlog_worker PASSWORD :'password';
SQL
