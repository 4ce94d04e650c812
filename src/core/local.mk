# Targets of src/core: the supervision tree as a value, and what it decides with.
noinst_LIBRARIES += src/core/libcore.a
src_core_libcore_a_SOURCES = \
	%D%/action.c %D%/backoff.c %D%/backoff.h %D%/child.c %D%/command.c \
	%D%/index.c %D%/index.h %D%/intensity.c %D%/intensity.h %D%/node.c \
	%D%/reason.c %D%/reason.h %D%/restart.c %D%/spec.h %D%/start.c \
	%D%/step.c %D%/stop.c %D%/strategy.c %D%/strategy.h %D%/supervisor.c \
	%D%/supervisor.h %D%/timers.c %D%/timers.h %D%/tree.h %D%/validate.c \
	%D%/validate.h

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_core_rules.t
TESTS += tests/unit/check_core_rules.t
tests_unit_check_core_rules_t_SOURCES = tests/unit/check_core_rules.c tests/unit/core_script.c \
	tests/unit/core_script.h tests/unit/core_specs.c
tests_unit_check_core_rules_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_core_rules_t_LDADD = tests/lib/libunit.a $(LIB_CORE) $(CHECK_LIBS)
endif
