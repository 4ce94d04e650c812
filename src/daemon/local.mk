# The daemon: decides.
noinst_LIBRARIES += src/daemon/libdaemon.a
src_daemon_libdaemon_a_SOURCES = \
	%D%/act.c %D%/bury.c %D%/control.c %D%/control.h %D%/daemon.c %D%/daemon.h %D%/hang.c %D%/node.c %D%/node.h \
	%D%/node_events.c %D%/node_local.c %D%/offender.c %D%/output.c %D%/record.c %D%/reload.c %D%/setup.c \
	%D%/call.c %D%/call.h %D%/control_look.c %D%/control_otp.c %D%/control_private.h \
	%D%/dynamic.c %D%/dynamic.h %D%/dynamic_reload.c \
	%D%/status.c %D%/ties.c %D%/ties.h %D%/ties_request.c %D%/trapexitd.c %D%/trapexitd.h
src_daemon_libdaemon_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)

sbin_PROGRAMS += src/daemon/trapexitd
src_daemon_trapexitd_SOURCES = %D%/main.c
src_daemon_trapexitd_LDADD = src/daemon/libdaemon.a src/journal/libjournal.a $(LIB_CONF) $(LIB_OS) \
	$(EVENT_LIBS) $(MSGPACK_LIBS) $(JSONC_LIBS) $(LIB_CONF_LIBS)

dist_man_MANS += man/trapexitd.8

DAEMON_TESTS = tests/daemon/adopt.sh tests/daemon/adopt-end.sh tests/daemon/burst.sh tests/daemon/children.sh tests/daemon/clock.sh \
	tests/daemon/capacity.sh tests/daemon/disk.sh tests/daemon/done.sh tests/daemon/early-stop.sh tests/daemon/faults.sh tests/daemon/finished.sh tests/daemon/frozen.sh tests/daemon/limits.sh tests/daemon/nodes.sh \
	tests/daemon/links.sh \
	tests/daemon/otp-answers.sh tests/daemon/otp-campaign.sh tests/daemon/otp-exit.sh tests/daemon/otp-instances.sh tests/daemon/otp-kept.sh tests/daemon/otp-operations.sh tests/daemon/otp-reload.sh \
	tests/daemon/ready.sh tests/daemon/recorder.sh tests/daemon/reload.sh tests/daemon/reports.sh tests/daemon/strategies.sh tests/daemon/user.sh \
	tests/daemon/wiped.sh tests/daemon/wish.sh tests/daemon/wish-written.sh tests/e2e/crash.sh tests/e2e/inject.sh
dist_check_SCRIPTS += $(DAEMON_TESTS)
TESTS += $(DAEMON_TESTS)
EXTRA_DIST += tests/lib/daemon.sh tests/lib/operations.sh tests/e2e/inject_child.pl

# The crash test, and the lock by which it shows that nothing runs twice.
if HAVE_CHECK
check_PROGRAMS += tests/e2e/crash tests/helpers/locked
tests_e2e_crash_SOURCES = tests/e2e/crash.c
tests_e2e_crash_LDADD = $(LIB_BASE)
tests_helpers_locked_SOURCES = tests/helpers/locked.c
endif

# A wall clock that tests can set, for LD_PRELOAD.
check_DATA += tests/helpers/clock.so
CLEANFILES += tests/helpers/clock.so
EXTRA_DIST += tests/helpers/clock.c
tests/helpers/clock.so: tests/helpers/clock.c
	$(AM_V_CC)$(MKDIR_P) tests/helpers && $(CC) -D_GNU_SOURCE -O1 -fPIC -shared -o $@ $(top_srcdir)/tests/helpers/clock.c
