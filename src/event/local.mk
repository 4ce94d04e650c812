# Handlers of events: journal -> commands.
noinst_LIBRARIES += src/event/libevents.a
src_event_libevents_a_SOURCES = \
	%D%/command.c %D%/command.h %D%/dispatcher.c %D%/dispatcher.h \
	%D%/position.c %D%/position.h %D%/queue.c %D%/queue.h

LIB_EVENT = src/event/libevents.a src/journal/libjournal.a $(LIB_CONF) $(LIB_OS)

sbin_PROGRAMS += src/event/trapexit-event
src_event_trapexit_event_SOURCES = %D%/main.c
src_event_trapexit_event_LDADD = $(LIB_EVENT) $(LIB_CONF_LIBS) $(JSONC_LIBS) $(MSGPACK_LIBS)

dist_man_MANS += man/trapexit-event.8

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_event.t
TESTS += tests/unit/check_event.t
tests_unit_check_event_t_SOURCES = tests/unit/check_event.c
tests_unit_check_event_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_event_t_LDADD = tests/lib/libunit.a src/event/libevents.a $(LIB_OS) $(CHECK_LIBS)
endif

EVENT_TESTS = tests/daemon/events-bounds.sh tests/daemon/events-exit.sh tests/daemon/events-hand.sh tests/daemon/events-kill.sh \
	tests/daemon/events-reload.sh
dist_check_SCRIPTS += $(EVENT_TESTS)
TESTS += $(EVENT_TESTS)
VALGRIND_TESTS += tests/daemon/events-exit.sh tests/daemon/events-reload.sh
