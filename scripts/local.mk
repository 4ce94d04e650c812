# Scripts, init files, benches. What is installed here is made from the source's file by putting
# the installation's own directories in.
INIT_FILES = \
	%D%/init/trapexit %D%/init/trapexitd.service %D%/init/trapexit-agent.service \
	%D%/init/trapexit-agent.socket %D%/init/trapexit.sysusers %D%/init/trapexit.tmpfiles
EXTRA_DIST += %D%/demo-failover %D%/lib/show.sh %D%/lib/hosts.sh %D%/lib/failover-view.jq %D%/lib/failover-summary.jq
EXTRA_DIST += %D%/coverage %D%/crash-test %D%/deps %D%/fault-campaign %D%/test %D%/quickstart $(INIT_FILES) \
	%D%/bench/lib.sh %D%/bench/restart %D%/bench/output

# With --with-systemdsystemunitdir and --with-initddir.
INIT_SUBST = $(MKDIR_P) scripts/init/built && sed -e 's,/usr/sbin/,$(sbindir)/,g' -e 's,=/etc/trapexit,=$(sysconfdir)/trapexit,g' \
	-e 's, /etc/trapexit, $(sysconfdir)/trapexit,g' -e 's,^SBINDIR=.*,SBINDIR=$(sbindir),' \
	-e 's,^BINDIR=.*,BINDIR=$(bindir),' \
	-e 's,^SYSCONFDIR=.*,SYSCONFDIR=$(sysconfdir),'
scripts/init/built/trapexit: %D%/init/trapexit Makefile
	$(AM_V_GEN)$(INIT_SUBST) $(srcdir)/scripts/init/trapexit >$@
scripts/init/built/trapexitd.service: %D%/init/trapexitd.service Makefile
	$(AM_V_GEN)$(INIT_SUBST) $(srcdir)/scripts/init/trapexitd.service >$@
scripts/init/built/trapexit-agent.service: %D%/init/trapexit-agent.service Makefile
	$(AM_V_GEN)$(INIT_SUBST) $(srcdir)/scripts/init/trapexit-agent.service >$@
scripts/init/built/trapexit-agent.socket: %D%/init/trapexit-agent.socket Makefile
	$(AM_V_GEN)$(INIT_SUBST) $(srcdir)/scripts/init/trapexit-agent.socket >$@

if HAVE_INITD
nodist_initd_SCRIPTS = scripts/init/built/trapexit
CLEANFILES += $(nodist_initd_SCRIPTS)
endif
if HAVE_SYSTEMD
nodist_systemdsystemunit_DATA = scripts/init/built/trapexitd.service scripts/init/built/trapexit-agent.service \
	scripts/init/built/trapexit-agent.socket
CLEANFILES += $(nodist_systemdsystemunit_DATA)
# trapexit.service is another name, so that systemd makes no unit of its own from /etc/init.d/trapexit.
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(prefix)/lib/sysusers.d' '$(DESTDIR)$(prefix)/lib/tmpfiles.d'
	$(INSTALL_DATA) $(srcdir)/scripts/init/trapexit.sysusers '$(DESTDIR)$(prefix)/lib/sysusers.d/trapexit.conf'
	$(INSTALL_DATA) $(srcdir)/scripts/init/trapexit.tmpfiles '$(DESTDIR)$(prefix)/lib/tmpfiles.d/trapexit.conf'
	ln -sf trapexitd.service '$(DESTDIR)$(systemdsystemunitdir)/trapexit.service'
uninstall-hook:
	rm -f '$(DESTDIR)$(prefix)/lib/sysusers.d/trapexit.conf' '$(DESTDIR)$(prefix)/lib/tmpfiles.d/trapexit.conf' \
	    '$(DESTDIR)$(systemdsystemunitdir)/trapexit.service'
endif

# What the benches need; built by `make bench-programs`.
BENCHES += %D%/bench/stamp %D%/bench/meter %D%/bench/floor %D%/bench/spew %D%/bench/sqlrate \
	%D%/bench/jourate
BENCHES += %D%/bench/coreloop
EXTRA_DIST += %D%/bench/core
scripts_bench_coreloop_SOURCES = %D%/bench/coreloop.c
scripts_bench_coreloop_CFLAGS = $(AM_CFLAGS) -fno-builtin-malloc
scripts_bench_coreloop_LDADD = $(LIB_CORE)
scripts_bench_stamp_SOURCES = %D%/bench/stamp.c %D%/bench/stamp.h
scripts_bench_meter_SOURCES = %D%/bench/meter.c %D%/bench/stamp.h
scripts_bench_floor_SOURCES = %D%/bench/floor.c
BENCHES += %D%/bench/claim %D%/bench/fault
EXTRA_DIST += %D%/bench/failover %D%/bench/scale %D%/bench/origin.erl
scripts_bench_claim_SOURCES = %D%/bench/claim.c %D%/bench/stamp.h
# Not AM_CFLAGS and AM_LDFLAGS: neither -pie nor the sanitizers go with -static.
scripts_bench_claim_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
scripts_bench_claim_LDFLAGS = -static
scripts_bench_fault_SOURCES = %D%/bench/fault.c %D%/bench/stamp.h
scripts_bench_fault_LDADD = -lpthread
scripts_bench_spew_SOURCES = %D%/bench/spew.c %D%/bench/stamp.h
scripts_bench_sqlrate_SOURCES = %D%/bench/sqlrate.c %D%/bench/stamp.h
scripts_bench_sqlrate_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
scripts_bench_sqlrate_LDADD = $(SQLITE_LIBS)
scripts_bench_jourate_SOURCES = %D%/bench/jourate.c %D%/bench/stamp.h
scripts_bench_jourate_LDADD = $(LIB_JOURNAL) $(JSONC_LIBS) -lpthread

BENCHES += %D%/bench/fetchloop %D%/bench/usage %D%/bench/extractrate
EXTRA_DIST += %D%/bench/scrape %D%/bench/page.awk %D%/bench/spider.py
scripts_bench_fetchloop_SOURCES = %D%/bench/fetchloop.c
scripts_bench_fetchloop_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(PCRE2_CFLAGS)
scripts_bench_fetchloop_LDADD = $(CURL_LIBS) $(PCRE2_LIBS)
scripts_bench_usage_SOURCES = %D%/bench/usage.c
scripts_bench_extractrate_SOURCES = %D%/bench/extractrate.c
scripts_bench_extractrate_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS) $(PCRE2_CFLAGS) $(XML2_CFLAGS)
scripts_bench_extractrate_LDADD = $(LIB_PRICE) $(LIB_PRICE_LIBS) $(XML2_LIBS) -lz

# Completion for bash-completion(7), which finds it by its name.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = %D%/completion/trapexit.bash %D%/completion/pricescrape.bash
