# Targets of src/agent.
noinst_LIBRARIES += src/agent/libagent.a
src_agent_libagent_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
src_agent_libagent_a_SOURCES = \
	%D%/agent.c %D%/agent.h %D%/attach.c %D%/attach.h %D%/child.c \
	%D%/conn.c %D%/conn.h %D%/guard.c %D%/guard.h %D%/heart.c %D%/input.c \
	%D%/launch.c %D%/lease.c %D%/order.c %D%/output.c %D%/page.h \
	%D%/place.c %D%/place.h %D%/ready.c %D%/reaper.c

sbin_PROGRAMS += src/agent/trapexit-agent
src_agent_trapexit_agent_SOURCES = %D%/main.c
src_agent_trapexit_agent_LDADD = src/agent/libagent.a $(LIB_WIRE) $(LIB_OS) $(EVENT_LIBS) $(MSGPACK_LIBS)
