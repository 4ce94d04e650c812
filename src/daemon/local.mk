# The daemon: decides.
noinst_LIBRARIES += src/daemon/libdaemon.a
src_daemon_libdaemon_a_SOURCES = \
	%D%/act.c %D%/control.c %D%/control.h %D%/daemon.c %D%/daemon.h %D%/node.c %D%/node.h \
	%D%/node_events.c %D%/node_local.c %D%/output.c %D%/record.c %D%/reload.c %D%/setup.c \
	%D%/status.c %D%/trapexitd.c %D%/trapexitd.h
src_daemon_libdaemon_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)

sbin_PROGRAMS += trapexitd
trapexitd_SOURCES = %D%/main.c
trapexitd_LDADD = src/daemon/libdaemon.a src/conf/libconf.a src/journal/libjournal.a $(LIB_OS) $(LIB_WIRE) \
	$(EVENT_LIBS) $(MSGPACK_LIBS) $(JSONC_LIBS) $(PCRE2_LIBS)

dist_man_MANS += man/trapexitd.8
