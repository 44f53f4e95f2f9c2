# Stops the server in folder $1 with signal $2 when nobody holds a user's lock; removes it when $3 is yes.
exec 3>&- 4>&- 5>&- 6>&-
trap '' INT HUP
exec 7>>"$1/watcher.lock" 8>>"$1/start.lock" 9>>"$1/users.lock" || exit 1
flock -n 7 || exit 0
while :; do
    flock -x 9 || exit 1
    flock -u 9
    flock -x 8 || exit 1
    flock -n 9 && break
    flock -u 8
done
file=$1/data/postmaster.pid
if read -r pid <"$file"; then
    socket=$(sed -n 5p "$file")
    # The number may be that of somebody else by now.
    case "$(readlink "/proc/$pid/cwd")" in "$1/data" | "") kill -"$2" "$pid" ;; esac
    tries=0
    while [ -e "$file" ] && kill -0 "$pid" && [ "$tries" -lt 1200 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    # A short one beside the cluster goes as well.
    case "$socket" in "$1"/* | "") ;; *) rmdir "$socket" ;; esac
fi
[ "$3" = yes ] && rm -rf "$1"
# This one first: who opens now, with the start lock, must find no watcher.
flock -u 7
flock -u 8
