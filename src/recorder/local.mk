noinst_LIBRARIES += src/recorder/librecorder.a
src_recorder_librecorder_a_SOURCES = \
	%D%/ahead.c %D%/ahead.h %D%/members.c %D%/members.h %D%/record.c %D%/record.h %D%/recorder.c %D%/recorder.h

sbin_PROGRAMS += src/recorder/trapexit-recorder
src_recorder_trapexit_recorder_SOURCES = %D%/main.c
src_recorder_trapexit_recorder_LDADD = src/recorder/librecorder.a src/store/libstore.a src/journal/libjournal.a \
	src/core/libcore.a \
	$(LIB_OS) $(LIB_STORE_LIBS)

if HAVE_CHECK
# What tests and benches feed and judge the recorder with.
check_PROGRAMS += tests/helpers/record-load tests/helpers/verify-store
tests_helpers_record_load_SOURCES = tests/helpers/record_load.c
tests_helpers_record_load_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_helpers_record_load_LDADD = $(src_recorder_trapexit_recorder_LDADD)
tests_helpers_verify_store_SOURCES = tests/helpers/verify_store.c
tests_helpers_verify_store_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_helpers_verify_store_LDADD = src/journal/libjournal.a src/core/libcore.a $(LIB_BASE) $(SQLITE_LIBS)

check_PROGRAMS += tests/unit/check_recorder.t
TESTS += tests/unit/check_recorder.t
tests_unit_check_recorder_t_SOURCES = tests/unit/check_recorder.c
tests_unit_check_recorder_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_recorder_t_LDADD = tests/lib/libunit.a src/recorder/librecorder.a src/core/libcore.a $(LIB_STORE) $(CHECK_LIBS) \
	$(LIB_STORE_LIBS)
endif

RECORDER_TESTS = tests/recorder/kill.sh tests/recorder/recorder.sh tests/recorder/syscalls.sh \
	tests/recorder/trouble.sh
EXTRA_DIST += tests/recorder/lib.sh
dist_check_SCRIPTS += $(RECORDER_TESTS)
if HAVE_CHECK
TESTS += $(RECORDER_TESTS)
endif

dist_man_MANS += man/trapexit-recorder.8
EXTRA_DIST += scripts/bench/record

EXTRA_DIST += tests/fuzz/corpus/record
if FUZZING
FUZZERS += tests/fuzz/fuzz_record
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c
tests_fuzz_fuzz_record_LDADD = src/recorder/librecorder.a src/core/libcore.a $(LIB_STORE) $(LIB_STORE_LIBS)
tests_fuzz_fuzz_record_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
check_PROGRAMS += tests/fuzz/replay_record.t
TESTS += tests/fuzz/replay_record.t
tests_fuzz_replay_record_t_SOURCES = tests/fuzz/fuzz_record.c tests/fuzz/replay_main.c
tests_fuzz_replay_record_t_LDADD = src/recorder/librecorder.a src/core/libcore.a $(LIB_STORE) $(LIB_STORE_LIBS)
