#!/bin/sh
# Starts the source with a heap that fits the container: three quarters of its memory. Without that, Node may be killed
# where it could have collected garbage. What is young comes on top of that; newer versions of Node take more for it, so it is held, too.
limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null)
heap=
case $limit in
  '' | *[!0-9]*) ;; # no limit
  *) if [ "$limit" -lt 1099511627776 ]; then heap="--max-old-space-size=$((limit / 1048576 * 3 / 4)) --max-semi-space-size=16"; fi ;;
esac
# $heap is two words or none.
exec node $heap "$(dirname "$0")/dist/cli/main.js" airbyte "$@"
