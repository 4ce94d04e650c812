# Tests on several hosts, which are network namespaces of this machine (lib.sh).
EXTRA_DIST += %D%/lib.sh %D%/boot.sh
check_PROGRAMS += tests/net/hostinit tests/helpers/held tests/helpers/lockserver tests/helpers/netproxy
tests_net_hostinit_SOURCES = %D%/hostinit.c
tests_helpers_held_SOURCES = tests/helpers/held.c
tests_helpers_lockserver_SOURCES = tests/helpers/lockserver.c
tests_helpers_netproxy_SOURCES = tests/helpers/netproxy.c

NET_TESTS = \
	%D%/demo.sh \
	%D%/hosts.sh \
	%D%/proxy.sh \
	%D%/world.sh
dist_check_SCRIPTS += $(NET_TESTS)
TESTS += $(NET_TESTS)
