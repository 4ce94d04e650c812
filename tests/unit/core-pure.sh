#!/bin/sh
# The core is pure: libcore.a calls nothing but memory, strings, and a few helpers of libbase
# that are pure themselves. No system call, no clock, no event loop (architecture 4).
. "$top_srcdir/tests/lib/tap.sh"

# What it may call, one extended regular expression a line.
cat >"$T/allowed" <<'END'
^(memcpy|memmove|memset|memcmp|bcmp|strcmp|strncmp|strcspn|strlen|snprintf|free)$
^__(memcpy|memmove|memset|snprintf)_chk$
^(sigabbrev_np|strerrorname_np)$
^(xmalloc|xcalloc|xrealloc|xreallocarray|xstrdup|xstrndup|xasprintf)$
^(err_set|err_sys|err_wrap)$
^(hash_bytes|hash_u64)$
^strmap_(put|find|findn|remove|release)$
^(__stack_chk_fail|_GLOBAL_OFFSET_TABLE_)$
^__(asan|ubsan|sanitizer|sancov|gcov|llvm)_
^(llvm_gcov_|__start___sancov|__stop___sancov|__lcov)
END

# Symbols that the library uses and does not define.
foreign() {
	nm -P "$1" >"$T/symbols" || return 1
	awk '$2 == "U" { print $1 }' "$T/symbols" | sort -u >"$T/used"
	awk 'NF >= 2 && $2 ~ /^[A-TV-Z]$/ { print $1 }' "$T/symbols" | sort -u >"$T/defined"
	comm -23 "$T/used" "$T/defined"
}

is_pure() {
	foreign "$1" >"$T/foreign" || return 1
	[ -s "$T/foreign" ] || return 1
	! grep -Ev -f "$T/allowed" "$T/foreign"
}

command -v nm >/dev/null || skip_all 'no nm here'
check 'libcore.a calls only what is pure' is_pure "$top_builddir/src/core/libcore.a"
refute 'the test would see it: libbase.a reads a clock' is_pure "$top_builddir/src/base/libbase.a"
done_testing
