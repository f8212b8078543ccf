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

# The simulated payment channels take the next free port.
cashier=${BAOKAO_SIMULATORS_LISTEN:-}
if [ -z "$cashier" ]; then
  for try in 1 2 3 4 5 6 7 8 9; do
    port_open $((port + try)) || { cashier=127.0.0.1:$((port + try)); break; }
  done
fi

need_build_tools
scripts/assets.sh
say "正在编译（第一次需要较长时间）……"
cargo build --release --locked --quiet -p server --bin baokao
baokao=$CARGO_TARGET_DIR/release/baokao

mkdir -p "$data"
chmod 700 "$data"
export BAOKAO_DEMO=true
export BAOKAO_DATABASE="${BAOKAO_DATABASE:-sqlite:$data/baokao.db}"
export BAOKAO_KEYRING="$data/keyring"
export BAOKAO_OBJECTS="$data/objects"
export BAOKAO_LISTEN="$listen"
export BAOKAO_BASE_URL="${BAOKAO_BASE_URL:-http://$listen}"
export BAOKAO_SIMULATORS_LISTEN="$cashier"
export BAOKAO_SITE_CENTRE="${BAOKAO_SITE_CENTRE:-南屿市人事考试中心}"
export BAOKAO_SITE_ORGANISER="${BAOKAO_SITE_ORGANISER:-南屿市人事考试中心}"
export BAOKAO_SITE_SUPERVISOR="${BAOKAO_SITE_SUPERVISOR:-南屿市人力资源和社会保障局}"
export BAOKAO_SITE_PHONE="${BAOKAO_SITE_PHONE:-0700-2200000（工作日 9:00—17:00）}"
export BAOKAO_SITE_ICP="${BAOKAO_SITE_ICP:-演示 ICP 备 00000000 号}"
export BAOKAO_SITE_POLICE="${BAOKAO_SITE_POLICE:-演示公网安备 00000000000000 号}"
export BAOKAO_SITE_PARENT_NAME="${BAOKAO_SITE_PARENT_NAME:-南屿市人力资源和社会保障局}"
export BAOKAO_SITE_PARENT_URL="${BAOKAO_SITE_PARENT_URL:-https://rsj.example.gov.cn/}"
export BAOKAO_LOG_LEVEL="${BAOKAO_LOG_LEVEL:-warn}"

[ -e "$BAOKAO_KEYRING" ] || "$baokao" keys init
"$baokao" migrate
# A load that was broken off is done again; one that is complete is kept.
if ! "$baokao" demo status >/dev/null 2>&1; then
  say "正在载入演示数据……"
  "$baokao" demo wipe >/dev/null 2>&1 || true
  "$baokao" demo load
fi
# `serve` prints the addresses and the demonstration accounts.
exec "$baokao" serve
