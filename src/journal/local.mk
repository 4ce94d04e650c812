noinst_LIBRARIES += src/journal/libjournal.a
src_journal_libjournal_a_SOURCES = \
	%D%/batch.c %D%/disk.c %D%/disk.h %D%/inherit.c %D%/inherit.h %D%/journal.c %D%/journal.h \
	%D%/logs.c %D%/logs.h %D%/names.c %D%/names.h %D%/past.c %D%/past.h %D%/past_added.c %D%/past_encode.c %D%/past_fold.c \
	%D%/past_log.c %D%/past_private.h %D%/past_permit.c \
	%D%/past_sources.c \
	%D%/past_ties.c %D%/reader.c %D%/reader.h %D%/recorded.c %D%/recorded.h \
	%D%/segment.c %D%/segment.h %D%/synced.c %D%/synced.h

if HAVE_CHECK
# What the unit tests of the journal share.
JOURNAL_TESTS = tests/unit/check_journal.t tests/unit/check_journal_faults.t tests/unit/check_journal_past.t tests/unit/check_past_added.t \
	tests/unit/check_journal_reader.t
check_PROGRAMS += $(JOURNAL_TESTS)
TESTS += $(JOURNAL_TESTS)
JOURNAL_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib -I$(top_srcdir)/tests/unit $(CHECK_CFLAGS)
JOURNAL_TEST_LDADD = tests/lib/libunit.a $(LIB_JOURNAL) $(CHECK_LIBS) -lpthread
JOURNAL_RIG = tests/unit/journal_rig.c tests/unit/journal_rig.h
tests_unit_check_journal_t_SOURCES = tests/unit/check_journal.c $(JOURNAL_RIG)
tests_unit_check_journal_t_CPPFLAGS = $(JOURNAL_TEST_CPPFLAGS)
tests_unit_check_journal_t_LDADD = $(JOURNAL_TEST_LDADD)
# The disk's failures are made by the linker.
JOURNAL_FAULTS = -Wl,--wrap=fdatasync -Wl,--wrap=fsync -Wl,--wrap=fallocate -Wl,--wrap=ftruncate \
	-Wl,--wrap=pwrite -Wl,--wrap=writev
tests_unit_check_journal_faults_t_SOURCES = tests/unit/check_journal_faults.c $(JOURNAL_RIG)
tests_unit_check_journal_faults_t_CPPFLAGS = $(JOURNAL_TEST_CPPFLAGS)
tests_unit_check_journal_faults_t_LDFLAGS = $(AM_LDFLAGS) $(JOURNAL_FAULTS)
tests_unit_check_journal_faults_t_LDADD = $(JOURNAL_TEST_LDADD)
tests_unit_check_journal_reader_t_SOURCES = tests/unit/check_journal_reader.c $(JOURNAL_RIG)
tests_unit_check_journal_reader_t_CPPFLAGS = $(JOURNAL_TEST_CPPFLAGS)
tests_unit_check_journal_reader_t_LDADD = $(JOURNAL_TEST_LDADD)
tests_unit_check_past_added_t_SOURCES = tests/unit/check_past_added.c
tests_unit_check_past_added_t_CPPFLAGS = $(JOURNAL_TEST_CPPFLAGS)
tests_unit_check_past_added_t_LDADD = $(JOURNAL_TEST_LDADD)
tests_unit_check_journal_past_t_SOURCES = tests/unit/check_journal_past.c
tests_unit_check_journal_past_t_CPPFLAGS = $(JOURNAL_TEST_CPPFLAGS)
tests_unit_check_journal_past_t_LDADD = $(JOURNAL_TEST_LDADD)
endif

# A producer that can be killed anywhere, and the judge of what it leaves.
check_PROGRAMS += tests/helpers/journal_writer
tests_helpers_journal_writer_SOURCES = tests/helpers/journal_writer.c
tests_helpers_journal_writer_LDADD = $(LIB_JOURNAL) -lpthread
JOURNAL_SHELL_TESTS = tests/journal/full.sh tests/journal/kill.sh tests/journal/strace.sh
dist_check_SCRIPTS += $(JOURNAL_SHELL_TESTS)
TESTS += $(JOURNAL_SHELL_TESTS)

BENCHES += scripts/bench/journal
scripts_bench_journal_SOURCES = scripts/bench/journal.c
scripts_bench_journal_LDADD = $(LIB_JOURNAL) -lpthread

EXTRA_DIST += tests/fuzz/corpus/past
if FUZZING
FUZZERS += tests/fuzz/fuzz_past
tests_fuzz_fuzz_past_SOURCES = tests/fuzz/fuzz_past.c
tests_fuzz_fuzz_past_LDADD = $(LIB_JOURNAL)
tests_fuzz_fuzz_past_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay_past.t
TESTS += tests/fuzz/replay_past.t
tests_fuzz_replay_past_t_SOURCES = tests/fuzz/fuzz_past.c tests/fuzz/replay_main.c
tests_fuzz_replay_past_t_LDADD = $(LIB_JOURNAL)
