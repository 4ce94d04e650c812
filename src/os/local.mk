# Targets of src/os.
noinst_LIBRARIES += src/os/libos.a
src_os_libos_a_SOURCES = \
	%D%/coproc.c %D%/coproc.h %D%/detach.c %D%/detach.h %D%/fd.c %D%/fd.h %D%/file.c %D%/file.h %D%/hostid.c %D%/hostid.h \
	%D%/lockfile.c %D%/lockfile.h %D%/notify.c %D%/notify.h \
	%D%/proc.c %D%/proc.h %D%/raw.h %D%/reap.c %D%/reap.h \
	%D%/run.c %D%/run.h \
	%D%/sandbox.c \
	%D%/sandbox.h \
	%D%/sandbox_calls.c \
	%D%/sandbox_files.c \
	%D%/sandbox_private.h \
	%D%/sock.c %D%/sock.h %D%/spawn.c %D%/spawn.h %D%/successor.c %D%/successor.h %D%/user.c %D%/user.h

src_os_libos_a_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_os.t
TESTS += tests/unit/check_os.t
tests_unit_check_os_t_SOURCES = tests/unit/check_os.c
tests_unit_check_os_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib $(CHECK_CFLAGS)
tests_unit_check_os_t_LDADD = tests/lib/libunit.a $(LIB_OS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_sandbox.t
TESTS += tests/unit/check_sandbox.t
tests_unit_check_sandbox_t_SOURCES = tests/unit/check_sandbox.c
tests_unit_check_sandbox_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib $(CHECK_CFLAGS)
tests_unit_check_sandbox_t_LDADD = tests/lib/libunit.a $(LIB_OS) $(SECCOMP_LIBS) $(CHECK_LIBS)
endif
