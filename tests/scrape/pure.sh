#!/bin/sh
# libprice.a is pure: text to money, page to offer, without socket, file, process or clock.
. "$top_srcdir/tests/lib/tap.sh"

lib=$top_builddir/src/price/libprice.a
nm -u "$lib" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u >"$T/undefined"
check 'the library is there' test -s "$T/undefined"
impure=$(grep -Ex '(socket|connect|bind|accept|send.*|recv.*|open|openat|open64|fopen|fopen64|read|write|close|fork|vfork|exec.*|posix_spawn|system|popen|getaddrinfo|gethostbyname.*|time|clock_gettime|gettimeofday|getenv|mono_now|wall_ms|curl_.*|event_.*)' "$T/undefined" | paste -sd' ' -)
is 'it calls nothing of the world outside' "$impure" ''
floats=$(grep -Ex '(strtod|strtof|strtold|atof|scanf|sscanf|json_object_get_double|json_object_new_double|pow|round|floor|fmod|lround)(@.*)?' "$T/undefined" | paste -sd' ' -)
is 'P2: no float on the way of a price' "$floats" ''
done_testing
