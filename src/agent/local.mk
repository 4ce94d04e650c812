# Targets of src/agent.
noinst_LIBRARIES += src/agent/libagent.a
src_agent_libagent_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
src_agent_libagent_a_SOURCES = \
	%D%/agent.c %D%/agent.h %D%/attach.c %D%/attach.h %D%/child.c \
	%D%/conn.c %D%/conn.h %D%/control.c %D%/guard.c %D%/guard.h %D%/heart.c %D%/input.c \
	%D%/launch.c %D%/lease.c %D%/order.c %D%/output.c %D%/page.h \
	%D%/place.c %D%/place.h %D%/ready.c %D%/reaper.c %D%/relay.c %D%/relay.h \
	%D%/strays.c %D%/strays.h

sbin_PROGRAMS += src/agent/trapexit-agent
src_agent_trapexit_agent_SOURCES = %D%/main.c
src_agent_trapexit_agent_LDADD = src/agent/libagent.a $(LIB_WIRE) $(LIB_OS) $(EVENT_LIBS) $(MSGPACK_LIBS)

dist_man_MANS += man/trapexit-agent.8

if HAVE_CHECK
check_LIBRARIES += tests/lib/libagentclient.a
tests_lib_libagentclient_a_SOURCES = tests/lib/agent_client.c tests/lib/agent_client.h
tests_lib_libagentclient_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(top_srcdir)/tests

AGENT_TESTS = tests/agent/check_agent.t tests/agent/check_agent_lease.t \
	tests/agent/check_agent_output.t tests/agent/check_agent_strays.t
AGENT_TESTS += tests/agent/check_agent_relay.t tests/agent/check_agent_slow.t
check_PROGRAMS += $(AGENT_TESTS)
TESTS += $(AGENT_TESTS)
AGENT_TEST_LIBS = tests/lib/libagentclient.a tests/lib/libunit.a $(LIB_WIRE) $(LIB_OS) $(MSGPACK_LIBS) $(CHECK_LIBS)
AGENT_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(top_srcdir)/tests
tests_agent_check_agent_t_SOURCES = tests/agent/check_agent.c
tests_agent_check_agent_t_CPPFLAGS = $(AGENT_TEST_CPPFLAGS)
tests_agent_check_agent_t_LDADD = $(AGENT_TEST_LIBS)
tests_agent_check_agent_lease_t_SOURCES = tests/agent/check_agent_lease.c
tests_agent_check_agent_lease_t_CPPFLAGS = $(AGENT_TEST_CPPFLAGS)
tests_agent_check_agent_lease_t_LDADD = $(AGENT_TEST_LIBS)
tests_agent_check_agent_output_t_SOURCES = tests/agent/check_agent_output.c
tests_agent_check_agent_output_t_CPPFLAGS = $(AGENT_TEST_CPPFLAGS)
tests_agent_check_agent_output_t_LDADD = $(AGENT_TEST_LIBS)
tests_agent_check_agent_relay_t_SOURCES = tests/agent/check_agent_relay.c
tests_agent_check_agent_relay_t_CPPFLAGS = $(AGENT_TEST_CPPFLAGS)
tests_agent_check_agent_relay_t_LDADD = $(AGENT_TEST_LIBS)
tests_agent_check_agent_slow_t_SOURCES = tests/agent/check_agent_slow.c
tests_agent_check_agent_slow_t_CPPFLAGS = $(AGENT_TEST_CPPFLAGS)
tests_agent_check_agent_slow_t_LDADD = $(AGENT_TEST_LIBS)
tests_agent_check_agent_strays_t_SOURCES = tests/agent/check_agent_strays.c
tests_agent_check_agent_strays_t_CPPFLAGS = $(AGENT_TEST_CPPFLAGS) $(EVENT_CFLAGS)
tests_agent_check_agent_strays_t_LDADD = src/agent/libagent.a $(AGENT_TEST_LIBS) $(EVENT_LIBS)
endif

# Agents of other versions, for tests: the range that one speaks is compiled into order.c alone.
check_PROGRAMS += tests/helpers/agent-v1 tests/helpers/agent-v45
tests_helpers_agent_v1_SOURCES = src/agent/main.c src/agent/order.c
tests_helpers_agent_v1_CPPFLAGS = $(src_agent_libagent_a_CPPFLAGS) -DAGENT_PROTO_MAX=1
tests_helpers_agent_v1_LDADD = $(src_agent_trapexit_agent_LDADD)
tests_helpers_agent_v45_SOURCES = src/agent/main.c src/agent/order.c
tests_helpers_agent_v45_CPPFLAGS = $(src_agent_libagent_a_CPPFLAGS) -DAGENT_PROTO_MIN=4 -DAGENT_PROTO_MAX=5
tests_helpers_agent_v45_LDADD = $(src_agent_trapexit_agent_LDADD)
