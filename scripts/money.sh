#!/usr/bin/env bash
# Money under every fault: schedules of payers at three simulated channels with the real code, each to be run again by its number; the same
# with one defence after the other switched off, which must come to harm; and kill -9 between every two steps of settling.
#
#   money.sh [SCHEDULES [FIRST]]
. "$(dirname "$0")/lib.sh"

schedules=${1:-1000}
first=${2:-0}

cargo build --locked --quiet --workspace --example money
money=$CARGO_TARGET_DIR/debug/examples/money

"$money" run "$schedules" "$first"
for defence in signature amount idempotency query-before-close; do
  "$money" control "$defence" 12
done
"$money" kill sqlite
