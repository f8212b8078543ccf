#!/usr/bin/env bash
# Figures beside the cost to beat, measured in the same run. CPU per operation is the one to trust on a busy machine.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"

need_build_tools
postgres_install
trap postgres_stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
postgres_start
export BAOKAO_TEST_PG=$PG_URL

cargo bench --locked --workspace --bench '*' "$@"
