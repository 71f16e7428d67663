# the network interfaces with their addresses, by whichever program this machine has
if command -v ip >/dev/null 2>&1; then
    exec ip address
elif command -v ifconfig >/dev/null 2>&1; then
    exec ifconfig -a
fi
echo "neither ip nor ifconfig is on this machine; these are its interfaces:" >&2
cat /proc/net/dev
