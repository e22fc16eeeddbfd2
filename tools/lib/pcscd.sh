# A private pcscd with virtual readers. Sourced from the repository's root.

# shellcheck source=tools/lib/debian.sh
source tools/lib/debian.sh

# with_pcscd COMMAND [ARGUMENT...]: runs the command where PC/SC is a pcscd of its own with sixteen empty virtual readers,
# and nothing of it is seen outside: vpcd listens on every address, hence a network namespace (with loopback alone); pcscd's
# socket has a fixed place, hence a mount namespace. The command's exit code is kept. What it finds:
#   SMARTCARD_PCSCD=1          says that all this is there
#   SMARTCARD_PCSCD_CONFIG     the readers' configuration, to start such a pcscd again: pcscd -f -C -c "$SMARTCARD_PCSCD_CONFIG"
#   SMARTCARD_VIRTUAL_READERS  READER=PORT;READER=PORT;...: a card inserted at the port lies on that reader
#   /run/pcscd/pcscd.pid       the process that serves now
with_pcscd() {
    need_debian pcscd vsmartcard-vpcd libpcsclite1 iproute2 util-linux || return
    local namespaces=(--net --mount)
    ((EUID == 0)) || namespaces+=(--map-root-user)
    unshare "${namespaces[@]}" bash tools/lib/pcscd-namespace.sh "$@"
}
