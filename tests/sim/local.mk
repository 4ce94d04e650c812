# The simulator: the real core, codecs and fold of the journal in a world of its own. One program for tests
# and people, see HACKING.md.
check_PROGRAMS += tests/sim/run
tests_sim_run_SOURCES = %D%/agent.c %D%/agent_start.c %D%/check.c %D%/check_orders.c %D%/check_tree.c \
	%D%/daemon.c %D%/daemon_node.c %D%/dynamic.c %D%/family.c %D%/file.c %D%/host.c %D%/journal.c %D%/link.c %D%/main.c %D%/operator.c \
	%D%/reload.c %D%/run.c %D%/scale.c %D%/schedule.c %D%/shrink.c %D%/sim.h %D%/world.c
tests_sim_run_LDADD = $(LIB_WIRE) $(LIB_JOURNAL) $(MSGPACK_LIBS) -lpthread
dist_check_SCRIPTS += %D%/sim.sh
TESTS += %D%/sim.sh
EXTRA_DIST += scripts/mutation-test %D%/mutants
