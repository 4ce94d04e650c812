noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	%D%/attr.h \
	%D%/base64.c \
	%D%/base64.h \
	%D%/buf.c %D%/buf.h %D%/err.c %D%/err.h %D%/exitcode.h %D%/hex.h \
	%D%/json.h %D%/json_put.c %D%/json_scan.c %D%/log.c %D%/log.h \
	%D%/map.c %D%/map.h %D%/minmax.h %D%/mono.c %D%/mono.h %D%/ring.c %D%/ring.h %D%/strvec.c %D%/strvec.h \
	%D%/units.c %D%/units.h %D%/xalloc.c %D%/xalloc.h

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_base.t
TESTS += tests/unit/check_base.t
tests_unit_check_base_t_SOURCES = tests/unit/check_base.c
tests_unit_check_base_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_base_t_LDADD = tests/lib/libunit.a $(LIB_BASE) $(CHECK_LIBS)
endif
