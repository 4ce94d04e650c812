# The tests that belong to no room of src/, and what all tests use. The unit tests and fuzz
# targets of a room are in its own local.mk.
EXTRA_DIST += %D%/lib/tap.sh %D%/lib/valgrind.supp %D%/lib/cppcheck.cfg %D%/fuzz/replay_main.c

if HAVE_CHECK
check_LIBRARIES += tests/lib/libunit.a
tests_lib_libunit_a_SOURCES = %D%/lib/unit.c %D%/lib/unit.h
tests_lib_libunit_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
endif

EXTRA_DIST += %D%/rules/supervision %D%/rules/price %D%/unit/core-uncovered

# The core beside OTP's own supervisor.
dist_check_SCRIPTS += %D%/otp/compare.sh
EXTRA_DIST += %D%/otp/supervisor.escript
TESTS += %D%/otp/compare.sh
check_PROGRAMS += tests/otp/otp_scenario
tests_otp_otp_scenario_SOURCES = %D%/otp/otp_scenario.c %D%/otp/generate.c %D%/otp/play.c %D%/otp/scenario.h
tests_otp_otp_scenario_LDADD = $(LIB_CORE)

INFRA_TESTS = %D%/unit/rules.sh %D%/cli/help-man.sh %D%/cli/init-script.sh %D%/cli/socket-activation.sh \
	%D%/cli/systemd-units.sh
dist_check_SCRIPTS += $(INFRA_TESTS)
TESTS += $(INFRA_TESTS)

# Pages as shops make them, each with its answer.
EXTRA_DIST += %D%/corpus/manifest.jsonl %D%/corpus/pages %D%/corpus/texts.jsonl
dist_check_SCRIPTS += %D%/corpus/corpus.sh %D%/corpus/texts.sh
TESTS += %D%/corpus/corpus.sh %D%/corpus/texts.sh

# Under valgrind, by `make check-valgrind`: what exercises most of the daemon, the recorder and the scraper.
VALGRIND_TESTS += tests/daemon/adopt.sh tests/daemon/faults.sh tests/daemon/wish.sh tests/recorder/recorder.sh \
	tests/daemon/ssh.sh tests/daemon/moves.sh tests/daemon/orphan.sh \
	tests/scrape/job.sh
