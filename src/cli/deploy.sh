# shellcheck shell=sh disable=SC2154
# What `trapexit deploy` runs on the other host, in any POSIX shell. In front of it stand assignments:
#	version	of what is to be installed	agent	where the configuration has the agent, or nothing
#	sizes, sums	of trapexit-agent and pricescrape	dry	yes: install nothing
#	system, home	where versions are: of root, and (below $HOME) of others
# It says what it found ("have"), is told "copy" or "keep" in a line, and then the two files follow
# one another, to the end of the input. Whatever kills it leaves at most a folder .new.* behind, which
# the next one takes away; what was installed stays until it is replaced by rename(2), file by file.
say() {
	printf 'trapexit-deploy %s\n' "$*"
}

fail() {
	say "error $(printf '%s' "$*" | tr '\n' ' ')"
	exit 1
}

# cksum and size of a file; "0 0" if it is not there.
sum() {
	if [ -f "$1" ]; then cksum <"$1" | cut -d ' ' -f 1,2; else echo 0 0; fi
}

# Those that somebody has begun an hour ago or more are nobody's any more.
clean() {
	find "$dir" -maxdepth 1 -name '.new.*' -mmin +60 -exec rm -rf {} + 2>/dev/null
}

receive() {
	mkdir -p "$dir" 2>/dev/null || fail "cannot make $dir: $(mkdir -p "$dir" 2>&1)"
	clean
	new=$dir/.new.$$
	trap 'rm -rf "$new"; rmdir "$dir" 2>/dev/null' EXIT
	trap 'exit 1' HUP INT TERM PIPE
	why=$(mkdir "$new" 2>&1) || fail "$why"
	why=$( { cat >"$new/all"; } 2>&1) || fail "cannot write to $dir: $why"
	say received
	cut_out trapexit-agent "$size_agent" head -c "$size_agent"
	cut_out pricescrape "$size_scrape" tail -c "+$((size_agent + 1))"
	rm -f "$new/all"
}

# cut_out NAME SIZE COMMAND…: one of the two out of what came.
cut_out() {
	name=$1 want=$2
	shift 2
	why=$( { "$@" "$new/all" >"$new/$name"; } 2>&1) || fail "cannot write to $dir: $why"
	chmod 755 "$new/$name"
	have=$(sum "$new/$name")
	[ "${have#* }" = "$want" ] || fail "$name: ${have#* } of $want bytes arrived; nothing is changed"
	case $name in
	trapexit-agent) want=$sum_agent ;;
	*) want=$sum_scrape ;;
	esac
	[ "${have% *}" = "$want" ] || fail "$name did not arrive as it was sent; nothing is changed"
}

# Its libraries, as the loader sees them; then whether it runs at all.
try() {
	out=$(LD_TRACE_LOADED_OBJECTS=1 "$1/$2" --version 2>&1 </dev/null)
	rc=$?
	missing=$(printf '%s\n' "$out" | sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/\1/p' | sort -u)
	old=$(printf '%s\n' "$out" | sed -n "s/.*version .\\([A-Za-z0-9_.]*\\)' not found.*/\\1/p" | sort -u)
	for name in $missing; do
		say "missing $2 $name"
		bad=yes
	done
	for name in $old; do
		say "old $2 $name"
		bad=yes
	done
	[ -z "$missing$old" ] || return
	[ "$rc" -eq 0 ] && out=$("$1/$2" --version 2>&1 </dev/null)
	[ "$out" = "$2 (trapexit) $version" ] || fail "$2 does not run there: $(printf '%s' "$out" | sed "s|^[^:]*: [0-9]*: ||; s|$1/||g")"
}

# Versions that nobody runs and that are older than the last one before this go.
old_versions() {
	real=$(cd "$base" && pwd -P) || return
	# shellcheck disable=SC2012 # sorted by time, and they are versions
	running=$(ls -l /proc/[0-9]*/exe 2>/dev/null)
	previous=
	# shellcheck disable=SC2012
	ls -t "$base" | while IFS= read -r v; do
		[ "$v" != "$version" ] && [ -f "$base/$v/trapexit-agent" ] && [ ! -L "$base/$v" ] || continue
		case $running in
		*" $real/$v/"*) say "kept $v runs" ;;
		*)
			if [ -z "$previous" ]; then
				say "kept $v previous"
			else
				rm -rf "${base:?}/$v" && say "removed $v"
			fi
			;;
		esac
		previous=$v
	done
}

umask 022
LC_ALL=C
export LC_ALL
# shellcheck disable=SC2086 # four numbers
set -- $sizes $sums
size_agent=$1 size_scrape=$2 sum_agent=$3 sum_scrape=$4
base=
bad=no
if [ -n "$agent" ]; then
	dir=${agent%/*}
else
	# Where whoever its children run as can read it.
	if [ "$(id -u)" -eq 0 ]; then base=$system; else base=$HOME/$home; fi
	dir=$base/$version
fi
say "host $(uname -s) $(uname -m) $dir"
say "have $(sum "$dir/trapexit-agent") $(sum "$dir/pricescrape")"
IFS= read -r word || exit 1
at=$dir
if [ "$word" = copy ]; then
	receive
	at=$new
fi
try "$at" trapexit-agent
try "$at" pricescrape
[ "$bad" = no ] || fail 'libraries'
if [ "$word" = copy ] && [ "$dry" = no ]; then
	sync "$new/pricescrape" "$new/trapexit-agent" 2>/dev/null || :
	# The agent last: where it is, all is.
	for name in pricescrape trapexit-agent; do
		why=$(mv -f "$new/$name" "$dir/$name" 2>&1) || fail "$why"
	done
fi
[ "$dry" = yes ] || [ -z "$base" ] || old_versions
say "end"
