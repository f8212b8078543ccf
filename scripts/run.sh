#!/usr/bin/env bash
# From a fresh Debian with Rust to a running demonstration. The second time it starts in seconds and keeps the data.
. "$(dirname "$0")/lib.sh"

data=$ROOT/.baokao
listen=${BAOKAO_LISTEN:-127.0.0.1:8080}
port=${listen##*:}
case $port in
  '' | *[!0-9]*) die "BAOKAO_LISTEN 应写成 地址:端口，例如 127.0.0.1:8081；现在是 $listen" ;;
esac
if port_open "$port"; then
  die "端口 $port 已被占用，服务没有启动。
请关闭占用它的程序，或换一个端口：BAOKAO_LISTEN=127.0.0.1:8081 make run"
fi

need_build_tools
scripts/assets.sh
say "正在编译（第一次需要较长时间）……"
cargo build --release --locked --quiet -p server --bin baokao
baokao=$CARGO_TARGET_DIR/release/baokao

mkdir -p "$data"
chmod 700 "$data"
export BAOKAO_DATABASE="sqlite:$data/baokao.db"
export BAOKAO_KEYRING="$data/keyring"
export BAOKAO_LISTEN="$listen"
export BAOKAO_BASE_URL="${BAOKAO_BASE_URL:-http://$listen}"

[ -e "$BAOKAO_KEYRING" ] || "$baokao" keys init
"$baokao" migrate
# The marker is written last, so that a load that was broken off is done again.
if [ ! -e "$data/demo-loaded" ]; then
  say "正在载入演示数据……"
  "$baokao" demo load
  touch "$data/demo-loaded"
fi
# `serve` prints the addresses and, on a demonstration database, the demonstration accounts.
exec "$baokao" serve
