# Tests on several hosts, which are network namespaces of this machine (lib.sh).
EXTRA_DIST += %D%/lib.sh %D%/boot.sh %D%/failover.sh %D%/faults.sh %D%/gaps.awk
check_PROGRAMS += tests/net/hostinit tests/helpers/held tests/helpers/lockserver tests/helpers/netproxy
tests_net_hostinit_SOURCES = %D%/hostinit.c
tests_helpers_held_SOURCES = tests/helpers/held.c
tests_helpers_lockserver_SOURCES = tests/helpers/lockserver.c
tests_helpers_netproxy_SOURCES = tests/helpers/netproxy.c

NET_TESTS = \
	%D%/campaign.sh \
	%D%/daemon.sh \
	%D%/demo.sh \
	%D%/deploy.sh \
	%D%/frozen.sh \
	%D%/host.sh \
	%D%/hosts.sh \
	%D%/late.sh \
	%D%/link.sh \
	%D%/parts.sh \
	%D%/proxy.sh \
	%D%/refused.sh \
	%D%/world.sh
dist_check_SCRIPTS += $(NET_TESTS)
TESTS += $(NET_TESTS)
