# Targets of src/core: the supervision tree as a value, and what it decides with.
noinst_LIBRARIES += src/core/libcore.a
src_core_libcore_a_SOURCES = \
	%D%/action.c \
	%D%/backoff.c \
	%D%/backoff.h \
	%D%/child.c \
	%D%/command.c \
	%D%/failover.c \
	%D%/fresh.c \
	%D%/fresh.h \
	%D%/index.c \
	%D%/index.h \
	%D%/intensity.c \
	%D%/intensity.h \
	%D%/lease.c \
	%D%/lease.h \
	%D%/link.c \
	%D%/link_names.c \
	%D%/node.c \
	%D%/operation.c \
	%D%/pace.c \
	%D%/pace.h \
	%D%/permit.c \
	%D%/placement.c \
	%D%/placement.h \
	%D%/places.c \
	%D%/reason.c \
	%D%/reason.h \
	%D%/restart.c \
	%D%/spec.h \
	%D%/start.c \
	%D%/step.c \
	%D%/stop.c \
	%D%/strategy.c \
	%D%/strategy.h \
	%D%/supervisor.c \
	%D%/supervisor.h \
	%D%/timers.c \
	%D%/timers.h \
	%D%/tree.h \
	%D%/validate.c \
	%D%/validate.h

dist_check_SCRIPTS += tests/unit/core-pure.sh
TESTS += tests/unit/core-pure.sh

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_core.t tests/unit/check_core_alloc.t \
	tests/unit/check_core_rules.t tests/unit/check_core_ties.t tests/unit/check_core_walk.t \
	tests/unit/check_lease.t tests/unit/check_pace.t tests/unit/check_placement.t
TESTS += tests/unit/check_core.t tests/unit/check_core_alloc.t \
	tests/unit/check_core_rules.t tests/unit/check_core_ties.t tests/unit/check_core_walk.t \
	tests/unit/check_lease.t tests/unit/check_pace.t tests/unit/check_placement.t
CORE_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
CORE_TEST_LDADD = tests/lib/libunit.a $(LIB_CORE) $(CHECK_LIBS)
CORE_SCRIPT = tests/unit/core_script.h tests/unit/core_specs.c

tests_unit_check_core_t_SOURCES = tests/unit/check_core.c $(CORE_SCRIPT)
tests_unit_check_core_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_core_t_LDADD = $(CORE_TEST_LDADD)

# Every allocation is seen, whoever makes it.
tests_unit_check_core_alloc_t_SOURCES = tests/unit/check_core_alloc.c
tests_unit_check_core_alloc_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_core_alloc_t_LDADD = $(CORE_TEST_LDADD)
tests_unit_check_core_alloc_t_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray \
	-Wl,--wrap=strdup -Wl,--wrap=xasprintf

tests_unit_check_core_rules_t_SOURCES = tests/unit/check_core_rules.c tests/unit/core_rules.h \
	tests/unit/core_rules_end.c tests/unit/core_rules_found.c tests/unit/core_rules_life.c \
	tests/unit/core_rules_limits.c \
	tests/unit/core_rules_ops.c \
	tests/unit/core_rules_links.c tests/unit/core_rules_more.c \
	tests/unit/core_rules_nodes.c \
	tests/unit/core_script.c $(CORE_SCRIPT)
tests_unit_check_core_rules_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_core_rules_t_LDADD = $(CORE_TEST_LDADD)

tests_unit_check_placement_t_SOURCES = tests/unit/check_placement.c
tests_unit_check_placement_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_placement_t_LDADD = $(CORE_TEST_LDADD)

tests_unit_check_lease_t_SOURCES = tests/unit/check_lease.c
tests_unit_check_lease_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_lease_t_LDADD = $(CORE_TEST_LDADD)

tests_unit_check_pace_t_SOURCES = tests/unit/check_pace.c
tests_unit_check_pace_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_pace_t_LDADD = $(CORE_TEST_LDADD)

check_PROGRAMS += tests/unit/check_fresh.t
TESTS += tests/unit/check_fresh.t
tests_unit_check_fresh_t_SOURCES = tests/unit/check_fresh.c
tests_unit_check_fresh_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_fresh_t_LDADD = $(CORE_TEST_LDADD)

tests_unit_check_core_ties_t_SOURCES = tests/unit/check_core_ties.c $(CORE_SCRIPT)
tests_unit_check_core_ties_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_core_ties_t_LDADD = $(CORE_TEST_LDADD)

check_PROGRAMS += tests/unit/check_core_edges.t
TESTS += tests/unit/check_core_edges.t
tests_unit_check_core_edges_t_SOURCES = tests/unit/check_core_edges.c $(CORE_SCRIPT)
tests_unit_check_core_edges_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_core_edges_t_LDADD = $(CORE_TEST_LDADD)

tests_unit_check_core_walk_t_SOURCES = tests/unit/check_core_walk.c tests/unit/core_walk.h \
	tests/unit/core_world.c tests/unit/core_world_nodes.c $(CORE_SCRIPT)
tests_unit_check_core_walk_t_CPPFLAGS = $(CORE_TEST_CPPFLAGS)
tests_unit_check_core_walk_t_LDADD = $(CORE_TEST_LDADD)
endif
