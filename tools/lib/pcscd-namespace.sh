# What with_pcscd (pcscd.sh) runs inside the new namespaces: bash pcscd-namespace.sh COMMAND [ARGUMENT...]
set -euo pipefail

driver=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
# pcscd 1.9.9 serves at most 16 readers, and one vpcd has two slots, on successive ports.
devices=8
slots=2
first_port=35963

ip link set lo up
if mkdir -p /run/pcscd 2>/dev/null; then
    mount -t tmpfs pcscd /run/pcscd
else
    mount -t tmpfs run /run
    mkdir /run/pcscd
fi

export SMARTCARD_PCSCD=1
export SMARTCARD_PCSCD_CONFIG=/run/pcscd/readers
readers=()
mkdir /run/pcscd/readers /run/pcscd/drivers
for ((device = 0; device < devices; device++)); do
    name=$(printf 'Virtual PCD %02d' "$device")
    port=$((first_port + slots * device))
    # vpcd keeps its slots in global variables, so each device loads a copy of its own.
    cp "$driver" "/run/pcscd/drivers/$device.so"
    cat >"/run/pcscd/readers/$device" <<END
FRIENDLYNAME "$name"
DEVICENAME   $(printf '/dev/null:0x%X' "$port")
LIBPATH      /run/pcscd/drivers/$device.so
CHANNELID    $(printf '0x%X' "$port")
END
    for ((slot = 0; slot < slots; slot++)); do
        readers+=("$(printf '%s 00 %02d=%d' "$name" "$slot" $((port + slot)))")
    done
done
SMARTCARD_VIRTUAL_READERS=$(IFS=';'; echo "${readers[*]}")
export SMARTCARD_VIRTUAL_READERS

# The readers are opened before the socket appears. pcscd dies with this script, whatever ends that.
setpriv --pdeathsig TERM pcscd --foreground --critical --config "$SMARTCARD_PCSCD_CONFIG" </dev/null >/run/pcscd/log 2>&1 &
# Its end is no news: the command may stop it on purpose.
disown
for ((attempt = 0; attempt < 500; attempt++)); do
    [[ -S /run/pcscd/pcscd.comm ]] && break
    sleep 0.01
done
if [[ ! -S /run/pcscd/pcscd.comm ]]; then
    echo "pcscd did not start:" >&2
    cat /run/pcscd/log >&2
    exit 1
fi

# The command may have stopped pcscd and started another, so the file knows better than this script.
stop_pcscd() {
    local pid
    [[ -f /run/pcscd/pcscd.pid ]] || return 0
    pid=$(tr -d '\0' </run/pcscd/pcscd.pid)
    kill "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done
}
trap stop_pcscd EXIT

"$@"
