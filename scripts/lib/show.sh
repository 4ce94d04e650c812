# shellcheck shell=sh disable=SC2034 # much is for those who source this
# What scripts/quickstart and scripts/demo-failover share: telling, waiting, building. Sourced by them, where $me is
# the script's name and $top the project's folder; in $dir there is later their private directory.

build=${TRAPEXIT_BUILD:-$top/build}
wrong=0

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') green=$(printf '\033[32m') red=$(printf '\033[31m')
	plain=$(printf '\033[0m')
else
	bold='' dim='' green='' red='' plain=''
fi

### Telling.

step() {
	printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

say() {
	printf '  %s\n' "$*"
}

# What was promised, and whether it is so.
promise() {
	text=$1
	shift
	if "$@"; then
		printf '  %syes%s  %s\n' "$green" "$plain" "$text"
	else
		printf '  %sNO%s   %s\n' "$red" "$plain" "$text"
		wrong=1
	fi
}

# A command that the user could type, and what it prints.
show() {
	printf '  %s$' "$dim"
	for word; do
		case $word in
		*' '*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '%s\n' "$plain"
	"$@" 2>&1 | sed 's/^/  /'
}

die() {
	printf '%s%s: %s%s\n' "$red" "$me" "$*" "$plain" >&2
	exit 1
}

### Processes.

alive() {
	grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null
}

gone() {
	! alive "$1"
}

# wait_for SECONDS COMMAND…
wait_for() {
	tries=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

### Building.

# build_programs DEPENDENCIES: a group of scripts/deps. Who names a build folder has built there.
build_programs() {
	[ -z "${TRAPEXIT_BUILD:-}" ] || return 0
	scripts/deps "$1" || die 'the packages above are needed'
	if [ ! -e configure ]; then
		say 'bootstrap'
		./bootstrap >bootstrap.log 2>&1 || { cat bootstrap.log; die 'bootstrap failed'; }
	fi
	mkdir -p "$build"
	if [ ! -e "$build/config.status" ]; then
		say 'configure'
		(cd "$build" && "$top/configure" -q) >"$build/quickstart.log" 2>&1 ||
		    { cat "$build/quickstart.log"; die 'configure failed'; }
	fi
	# What make says it would do tells whether this will take a while.
	targets='src/daemon/trapexitd src/agent/trapexit-agent src/recorder/trapexit-recorder src/event/trapexit-event
	    src/scrape/pricescrape src/cli/trapexit tests/helpers/shop'
	# shellcheck disable=SC2086 # a list
	make -q -C "$build" $targets >/dev/null 2>&1 || say 'make (half a minute)'
	# shellcheck disable=SC2086
	make -s -C "$build" -j"$(nproc)" $targets >"$build/quickstart.log" 2>&1 ||
	    { tail -n 40 "$build/quickstart.log"; die "make failed; all of it is in $build/quickstart.log"; }
}

make_directory() {
	dir=$(mktemp -d "${TMPDIR:-/tmp}/trapexit.XXXXXX") || die 'no private directory'
	mkdir "$dir/bin"
	for program in daemon/trapexitd agent/trapexit-agent recorder/trapexit-recorder event/trapexit-event \
	    scrape/pricescrape cli/trapexit; do
		ln -s "$build/src/$program" "$dir/bin/"
	done
	PATH=$dir/bin:$PATH TRAPEXIT_BINDIR=$dir/bin TRAPEXIT_CONFIG=$dir/trapexit.conf
	export PATH TRAPEXIT_BINDIR TRAPEXIT_CONFIG
}
