# The daemon: decides.
noinst_LIBRARIES += src/daemon/libdaemon.a
src_daemon_libdaemon_a_SOURCES = \
	%D%/act.c %D%/bury.c %D%/control.c %D%/control.h %D%/daemon.c %D%/daemon.h \
	%D%/fresh.c \
	%D%/fresh.h \
	%D%/fresh_alarm.c \
	%D%/fresh_status.c \
	%D%/handover.c %D%/handover.h %D%/hang.c %D%/heir.c %D%/node.c %D%/node.h \
	%D%/node_ssh.c %D%/node_ssh.h %D%/ssh_pace.c %D%/ssh_pace.h %D%/ssh_words.c %D%/ssh_words.h \
	%D%/node_check.c %D%/node_check.h %D%/node_events.c %D%/node_flow.c %D%/node_flow.h %D%/node_lease.c %D%/node_local.c %D%/node_set.c %D%/offender.c %D%/offer.c %D%/offer.h %D%/output.c %D%/record.c %D%/reload.c %D%/setup.c \
	%D%/call.c %D%/call.h %D%/control_answer.c %D%/control_look.c %D%/control_nodes.c %D%/control_otp.c \
	%D%/control_private.h %D%/control_request.c %D%/control_upgrade.c \
	%D%/dynamic.c %D%/dynamic.h %D%/dynamic_recall.c %D%/dynamic_reload.c \
	%D%/moves.c %D%/moves.h %D%/permits.c %D%/permits.h %D%/states.c %D%/states.h %D%/status.c %D%/status.h %D%/status_nodes.c %D%/ties.c %D%/ties.h %D%/ties_request.c %D%/trapexitd.c %D%/trapexitd.h %D%/version.c
src_daemon_libdaemon_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)

sbin_PROGRAMS += src/daemon/trapexitd
src_daemon_trapexitd_SOURCES = %D%/main.c
src_daemon_trapexitd_LDADD = src/daemon/libdaemon.a src/journal/libjournal.a $(LIB_CONF) $(LIB_OS) \
	$(EVENT_LIBS) $(MSGPACK_LIBS) $(JSONC_LIBS) $(LIB_CONF_LIBS)

dist_man_MANS += man/trapexitd.8

DAEMON_TESTS = tests/daemon/adopt.sh tests/daemon/adopt-end.sh tests/daemon/burst.sh tests/daemon/children.sh tests/daemon/clock.sh \
	tests/daemon/capacity.sh tests/daemon/disk.sh tests/daemon/done.sh tests/daemon/early-stop.sh tests/daemon/faults.sh tests/daemon/finished.sh tests/daemon/frozen.sh tests/daemon/limits.sh tests/daemon/moves.sh tests/daemon/nodes.sh tests/daemon/late.sh tests/daemon/permits.sh tests/daemon/slow.sh \
	tests/daemon/orphan.sh \
	tests/daemon/told.sh \
	tests/daemon/fresh.sh tests/daemon/rests.sh \
	tests/daemon/sources.sh \
	tests/daemon/sandbox.sh \
	tests/daemon/hosts.sh tests/daemon/hosts-lost.sh tests/daemon/hosts-reload.sh tests/daemon/links.sh \
	tests/daemon/otp-answers.sh tests/daemon/otp-campaign.sh tests/daemon/otp-exit.sh tests/daemon/otp-instances.sh tests/daemon/otp-kept.sh tests/daemon/otp-operations.sh tests/daemon/otp-reload.sh tests/daemon/otp-scraper.sh \
	tests/daemon/ssh.sh tests/daemon/ssh-late.sh tests/daemon/ssh-upgrade.sh tests/daemon/sshd.sh tests/daemon/ready.sh tests/daemon/recorder.sh tests/daemon/reload.sh tests/daemon/reports.sh tests/daemon/strategies.sh tests/daemon/user.sh \
	tests/daemon/wiped.sh tests/daemon/wish.sh tests/daemon/wish-written.sh tests/e2e/crash.sh tests/e2e/inject.sh
UPGRADE_TESTS = tests/daemon/upgrade.sh tests/daemon/upgrade-fails.sh tests/daemon/upgrade-faults.sh \
	tests/daemon/upgrade-kills.sh tests/daemon/upgrade-notify.sh
dist_check_SCRIPTS += $(DAEMON_TESTS) $(UPGRADE_TESTS)
TESTS += $(DAEMON_TESTS) $(UPGRADE_TESTS)
EXTRA_DIST += tests/lib/daemon.sh tests/lib/fake-ssh tests/lib/hosts.sh tests/lib/operations.sh tests/e2e/inject_child.pl

# The crash test, and the lock by which it shows that nothing runs twice.
if HAVE_CHECK
check_PROGRAMS += tests/e2e/crash tests/helpers/locked
tests_e2e_crash_SOURCES = tests/e2e/crash.c
tests_e2e_crash_LDADD = $(LIB_BASE)
tests_helpers_locked_SOURCES = tests/helpers/locked.c
endif

# Other versions, for tests: what is compiled in is in these files alone.
check_PROGRAMS += tests/helpers/trapexitd-next tests/helpers/trapexitd-v45
tests_helpers_trapexitd_next_SOURCES = %D%/main.c %D%/version.c
tests_helpers_trapexitd_next_CPPFLAGS = $(AM_CPPFLAGS) -DTRAPEXITD_VERSION=\"9.9.9\"
tests_helpers_trapexitd_next_LDADD = $(src_daemon_trapexitd_LDADD)
tests_helpers_trapexitd_v45_SOURCES = %D%/main.c %D%/heir.c
tests_helpers_trapexitd_v45_CPPFLAGS = $(src_daemon_libdaemon_a_CPPFLAGS) -DAGENT_PROTO_MIN=4 -DAGENT_PROTO_MAX=5
tests_helpers_trapexitd_v45_LDADD = $(src_daemon_trapexitd_LDADD)

check_PROGRAMS += tests/helpers/manager
tests_helpers_manager_SOURCES = tests/helpers/manager.c
tests_helpers_manager_LDADD = $(LIB_OS)

# Deaths and pauses at the words of a handover, for LD_PRELOAD.
check_DATA += tests/helpers/handover_fault.so
CLEANFILES += tests/helpers/handover_fault.so
EXTRA_DIST += tests/helpers/handover_fault.c tests/lib/upgrade.sh
tests/helpers/handover_fault.so: tests/helpers/handover_fault.c
	$(AM_V_CC)$(MKDIR_P) tests/helpers && $(CC) -D_GNU_SOURCE -O1 -fPIC -shared -o $@ $(top_srcdir)/tests/helpers/handover_fault.c -ldl

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_offer.t
TESTS += tests/unit/check_offer.t
tests_unit_check_offer_t_SOURCES = tests/unit/check_offer.c
tests_unit_check_offer_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib $(CHECK_CFLAGS)
tests_unit_check_offer_t_LDADD = tests/lib/libunit.a src/daemon/libdaemon.a $(LIB_OS) $(CHECK_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_ssh.t
TESTS += tests/unit/check_ssh.t
tests_unit_check_ssh_t_SOURCES = tests/unit/check_ssh.c
tests_unit_check_ssh_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib $(CHECK_CFLAGS)
tests_unit_check_ssh_t_LDADD = tests/lib/libunit.a src/daemon/libdaemon.a $(LIB_CONF) $(LIB_OS) $(CHECK_LIBS) $(MSGPACK_LIBS) \
	$(JSONC_LIBS) $(LIB_CONF_LIBS)
endif

# A wall clock that tests can set, for LD_PRELOAD.
check_DATA += tests/helpers/clock.so
CLEANFILES += tests/helpers/clock.so
EXTRA_DIST += tests/helpers/clock.c
tests/helpers/clock.so: tests/helpers/clock.c
	$(AM_V_CC)$(MKDIR_P) tests/helpers && $(CC) -D_GNU_SOURCE -O1 -fPIC -shared -o $@ $(top_srcdir)/tests/helpers/clock.c

# A daemon in the test's own process, whose agents the test plays.
NODE_RIG = tests/lib/node_rig.c tests/lib/node_rig.h
NODE_RIG_CPPFLAGS = $(src_daemon_libdaemon_a_CPPFLAGS) -I$(top_srcdir)/tests
NODE_RIG_LDADD = src/daemon/libdaemon.a src/journal/libjournal.a $(LIB_CONF) $(LIB_OS) $(EVENT_LIBS) $(MSGPACK_LIBS) \
	$(JSONC_LIBS) $(LIB_CONF_LIBS)
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_node.t
TESTS += tests/unit/check_node.t
tests_unit_check_node_t_SOURCES = tests/unit/check_node.c $(NODE_RIG)
tests_unit_check_node_t_CPPFLAGS = $(NODE_RIG_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_node_t_LDADD = tests/lib/libunit.a $(NODE_RIG_LDADD) $(CHECK_LIBS)
endif
EXTRA_DIST += tests/fuzz/corpus/node
check_PROGRAMS += tests/fuzz/replay_node.t
TESTS += tests/fuzz/replay_node.t
tests_fuzz_replay_node_t_SOURCES = tests/fuzz/fuzz_node.c tests/fuzz/replay_main.c $(NODE_RIG)
tests_fuzz_replay_node_t_CPPFLAGS = $(NODE_RIG_CPPFLAGS)
tests_fuzz_replay_node_t_LDADD = $(NODE_RIG_LDADD)
if FUZZING
FUZZERS += tests/fuzz/fuzz_node
tests_fuzz_fuzz_node_SOURCES = tests/fuzz/fuzz_node.c $(NODE_RIG)
tests_fuzz_fuzz_node_CPPFLAGS = $(NODE_RIG_CPPFLAGS)
tests_fuzz_fuzz_node_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_node_LDADD = $(NODE_RIG_LDADD)
endif
