#!/usr/bin/env bash
# How fast a large bill is reconciled, on both databases. docs/dev/reconcile.md
#
#   scripts/reconcile.sh [LINES]          1000000 unless told
#   RECONCILE_PROFILE=dev                 without optimization, where time is short
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"

lines=${1:-1000000}
profile=${RECONCILE_PROFILE:-release}
need_build_tools
cargo build --locked --workspace --profile "$profile" --example reconcile
case $profile in dev) built=debug ;; *) built=$profile ;; esac
reconcile=$CARGO_TARGET_DIR/$built/examples/reconcile
folder=$(mktemp -d)
trap 'rm -rf "$folder"; postgres_stop' EXIT
echo "SQLite:"
"$reconcile" "sqlite:$folder/reconcile.db" "$lines"
rm -rf "${folder:?}"/*
postgres_install
postgres_start
"$(_pg_bin)/psql" -q -d "$PG_URL" -c "CREATE DATABASE reconcile_bench" >/dev/null
echo "PostgreSQL:"
"$reconcile" "${PG_URL%/*}/reconcile_bench" "$lines"
