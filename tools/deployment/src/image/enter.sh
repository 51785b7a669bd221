# Runs a command in a folder as its root, in a mount namespace of its own, with the programs of this system in it:
#   enter.sh <root> <workdir> <user:group> <read-only: yes or no> <folder of node> <npm cache> command …
# As another user it has no capability and gains none.
set -eu
root=$1 workdir=$2 user=$3 read_only=$4 node=$5 cache=$6
shift 6

mount --make-rprivate /
mount --bind "$root" "$root"
for folder in bin sbin lib lib64 usr etc dev proc; do
  if [ -L "/$folder" ]; then
    [ -e "$root/$folder" ] || cp -P "/$folder" "$root/$folder"
  elif [ -d "/$folder" ]; then
    mkdir -p "$root/$folder"
    mount --rbind "/$folder" "$root/$folder"
  fi
done
mkdir -p "$root/opt/node" "$root/tmp" "$root/root/.npm"
mount --bind "$node" "$root/opt/node"
if [ "$read_only" = yes ]; then
  mount -o remount,bind,ro "$root"
else
  mount -t tmpfs tmpfs "$root/tmp"
  mount --bind "$cache" "$root/root/.npm"
fi
cd "$root"
if [ "$user" = 0:0 ]; then
  exec chroot . sh -c 'cd "$0" && exec "$@"' "$workdir" "$@"
fi
exec chroot . sh -c 'cd "$0" && exec setpriv "$@"' "$workdir" \
  --reuid "${user%:*}" --regid "${user#*:}" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
