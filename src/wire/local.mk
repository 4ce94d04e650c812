# Targets of src/wire.
noinst_LIBRARIES += src/wire/libwire.a
src_wire_libwire_a_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS) $(MSGPACK_CFLAGS)
src_wire_libwire_a_SOURCES = \
	%D%/agent_msg.c %D%/agent_msg.h \
	%D%/control_child.c %D%/control_child.h \
	%D%/control_msg.c %D%/control_msg.h \
	%D%/event_match.c %D%/event_match.h \
	%D%/frame.c %D%/frame.h \
	%D%/name_match.c %D%/name_match.h \
	%D%/preamble.c %D%/preamble.h

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_control_msg.t tests/unit/check_name_match.t
TESTS += tests/unit/check_control_msg.t tests/unit/check_name_match.t
tests_unit_check_control_msg_t_SOURCES = tests/unit/check_control_msg.c
tests_unit_check_control_msg_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib $(CHECK_CFLAGS) $(JSONC_CFLAGS)
tests_unit_check_control_msg_t_LDADD = tests/lib/libunit.a $(LIB_WIRE) $(CHECK_LIBS) $(JSONC_LIBS)
tests_unit_check_name_match_t_SOURCES = tests/unit/check_name_match.c
tests_unit_check_name_match_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib $(CHECK_CFLAGS)
tests_unit_check_name_match_t_LDADD = tests/lib/libunit.a $(LIB_WIRE) $(CHECK_LIBS) $(JSONC_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_event_match.t
TESTS += tests/unit/check_event_match.t
tests_unit_check_event_match_t_SOURCES = tests/unit/check_event_match.c
tests_unit_check_event_match_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib $(CHECK_CFLAGS)
tests_unit_check_event_match_t_LDADD = tests/lib/libunit.a $(LIB_WIRE) $(CHECK_LIBS)
endif

# The corpus of the control messages is replayed by make check; with --enable-fuzzing it is fuzzed, too.
EXTRA_DIST += tests/fuzz/corpus/control_msg
check_PROGRAMS += tests/fuzz/replay_control_msg.t
TESTS += tests/fuzz/replay_control_msg.t
tests_fuzz_replay_control_msg_t_SOURCES = tests/fuzz/fuzz_control_msg.c tests/fuzz/replay_main.c
tests_fuzz_replay_control_msg_t_LDADD = $(LIB_WIRE) $(JSONC_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_control_msg
tests_fuzz_fuzz_control_msg_SOURCES = tests/fuzz/fuzz_control_msg.c
tests_fuzz_fuzz_control_msg_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_control_msg_LDADD = $(LIB_WIRE) $(JSONC_LIBS)
endif

# The agent messages.
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_agent_msg.t
TESTS += tests/unit/check_agent_msg.t
tests_unit_check_agent_msg_t_SOURCES = tests/unit/check_agent_msg.c
tests_unit_check_agent_msg_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib $(CHECK_CFLAGS)
tests_unit_check_agent_msg_t_LDADD = tests/lib/libunit.a $(LIB_WIRE) $(CHECK_LIBS) $(MSGPACK_LIBS)
endif
EXTRA_DIST += tests/fuzz/corpus/agent_msg
check_PROGRAMS += tests/fuzz/replay_agent_msg.t
TESTS += tests/fuzz/replay_agent_msg.t
tests_fuzz_replay_agent_msg_t_SOURCES = tests/fuzz/fuzz_agent_msg.c tests/fuzz/replay_main.c
tests_fuzz_replay_agent_msg_t_LDADD = $(LIB_WIRE) $(MSGPACK_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_agent_msg
tests_fuzz_fuzz_agent_msg_SOURCES = tests/fuzz/fuzz_agent_msg.c
tests_fuzz_fuzz_agent_msg_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_agent_msg_LDADD = $(LIB_WIRE) $(MSGPACK_LIBS)
endif
