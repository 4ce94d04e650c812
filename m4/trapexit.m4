# TX_FLAGS(VARIABLE, FLAGS): the flags that the compiler takes, each tried alone.
AC_DEFUN([TX_FLAGS], [
for tx_flag in m4_normalize([$2]); do
	AC_MSG_CHECKING([whether $CC accepts $tx_flag])
	tx_save=$CFLAGS
	CFLAGS="$CFLAGS -Werror $tx_flag"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
	    [AC_MSG_RESULT([yes]); $1="$$1 $tx_flag"], [AC_MSG_RESULT([no])])
	CFLAGS=$tx_save
done
])

# TX_LIB(PREFIX, MODULE, DEBIAN-PACKAGE): a library by pkg-config; a missing one is collected in TX_MISSING.
AC_DEFUN([TX_LIB], [
PKG_CHECK_MODULES([$1], [$2], [], [TX_MISSING="$TX_MISSING $3"])
])
