# Scripts, init files, benches. What is installed here is made from the source's file by putting
# the installation's own directories in.
INIT_FILES = \
	%D%/init/trapexit %D%/init/trapexitd.service %D%/init/trapexit-agent.service \
	%D%/init/trapexit-agent.socket %D%/init/trapexit.sysusers %D%/init/trapexit.tmpfiles
EXTRA_DIST += %D%/deps %D%/test %D%/quickstart $(INIT_FILES) \
	%D%/bench/lib.sh %D%/bench/restart %D%/bench/output

# What the benches need; built by `make bench-programs`.
BENCHES += %D%/bench/stamp %D%/bench/meter %D%/bench/floor %D%/bench/spew %D%/bench/sqlrate \
	%D%/bench/jourate
scripts_bench_stamp_SOURCES = %D%/bench/stamp.c %D%/bench/stamp.h
scripts_bench_meter_SOURCES = %D%/bench/meter.c %D%/bench/stamp.h
scripts_bench_floor_SOURCES = %D%/bench/floor.c
scripts_bench_spew_SOURCES = %D%/bench/spew.c %D%/bench/stamp.h
scripts_bench_sqlrate_SOURCES = %D%/bench/sqlrate.c %D%/bench/stamp.h
scripts_bench_sqlrate_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
scripts_bench_sqlrate_LDADD = $(SQLITE_LIBS)
scripts_bench_jourate_SOURCES = %D%/bench/jourate.c %D%/bench/stamp.h
scripts_bench_jourate_LDADD = $(LIB_JOURNAL) $(JSONC_LIBS) -lpthread
