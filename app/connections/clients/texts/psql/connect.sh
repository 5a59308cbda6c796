#!/bin/sh
# psql by the PG* variables of the environment, the password among them: it stands in no argument and in no history.
# Arguments are handed on: ./connect.sh -c 'SELECT 1', ./connect.sh -f migration.sql
set -eu
if [ -n "${DATABASE_STATEMENT_TIMEOUT:-}" ]; then
    export PGOPTIONS="-c statement_timeout=${DATABASE_STATEMENT_TIMEOUT}s"
fi
exec psql --no-password --set=ON_ERROR_STOP=1 "$@"
