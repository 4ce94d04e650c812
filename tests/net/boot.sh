#!/bin/sh
# boot.sh NAME DIR: the first process of a host, in new namespaces (tests/net/lib.sh).
set -e
name=$1 dir=$2 own=$2/hosts/$1
umask 022
mount -t tmpfs -o mode=755 none /run
mount --bind "$own/tmp" /tmp
mount --bind "$own/home" /home
mkdir -p /run/sshd
# /opt is ours here, whatever the machine has there.
mount -t tmpfs -o mode=755 none /opt
mkdir /opt/trapexit
mount --bind "$dir/opt" /opt/trapexit
for f in passwd group shadow hosts; do
	mount --bind "$dir/net/$f" "/etc/$f"
done
[ ! -e /etc/machine-id ] || mount --bind "$own/etc/machine-id" /etc/machine-id
mount --bind "$own/etc/boot_id" /proc/sys/kernel/random/boot_id
hostname "$name"
: >"$own/booted"
exec /opt/trapexit/bin/hostinit "$(command -v sshd)" -D -e -f "$own/etc/sshd_config"
