# Targets of src/wire.
noinst_LIBRARIES += src/wire/libwire.a
src_wire_libwire_a_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS) $(MSGPACK_CFLAGS)
src_wire_libwire_a_SOURCES = \
	%D%/agent_msg.c %D%/agent_msg.h \
	%D%/control_msg.c %D%/control_msg.h \
	%D%/name_match.c %D%/name_match.h
