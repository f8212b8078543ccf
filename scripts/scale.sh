#!/usr/bin/env bash
# What the office's lists cost with many candidates beside few: fills two databases and prints the table. docs/dev/scale.md
#
#   scripts/scale.sh [SMALL] [LARGE]      50000 and 5000000 unless told; about 2.4 KB of disk for each candidate
#   SCALE_FOLDER=…                        where the SQLite files lie, kept if it is set
#   SCALE_POSTGRES=1                      on a throw-away PostgreSQL instead
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"

small=${1:-50000}
large=${2:-5000000}
need_build_tools
cargo build --locked --workspace --release --example scale
scale=$CARGO_TARGET_DIR/release/examples/scale
if [ -n "${SCALE_POSTGRES:-}" ]; then
  postgres_install
  trap postgres_stop EXIT
  postgres_start
  url() {
    "$(_pg_bin)/psql" -q -d "$PG_URL" -c "CREATE DATABASE scale_$1" >/dev/null
    printf '%s/scale_%s\n' "${PG_URL%/*}" "$1"
  }
  a=$(url "$small")
  b=$(url "$large")
else
  folder=${SCALE_FOLDER:-$(mktemp -d)}
  [ -n "${SCALE_FOLDER:-}" ] || trap 'rm -rf "$folder"' EXIT
  mkdir -p "$folder"
  a=sqlite:$folder/$small.db
  b=sqlite:$folder/$large.db
fi
filled() { [ -s "${1#sqlite:}" ]; }
filled "$a" || "$scale" fill "$a" "$small" lean
filled "$b" || "$scale" fill "$b" "$large" lean
if [ -n "${SCALE_POSTGRES:-}" ]; then
  # What a server does by itself, and the throw-away one is told not to.
  for url in "$a" "$b"; do "$(_pg_bin)/psql" -q -d "$url" -c "VACUUM ANALYZE"; done
fi
"$scale" measure "$a" "$b"
"$scale" export "$b"
