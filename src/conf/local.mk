# Targets of src/conf.
noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS) $(PSL_CFLAGS)
src_conf_libconf_a_SOURCES = \
	%D%/advise.c %D%/advise.h %D%/arena.c %D%/arena.h %D%/build.c %D%/build.h \
	%D%/build_handler.c %D%/build_node.c %D%/build_nodes.c %D%/build_source.c %D%/build_ties.c %D%/build_tree.c \
	%D%/config.c %D%/config.h %D%/config_data.h %D%/csv.c %D%/csv.h %D%/defaults.c \
	%D%/diag.c %D%/diag.h %D%/differ.c %D%/differ.h %D%/file.c %D%/file.h %D%/job.c %D%/lex.c %D%/lex.h %D%/node_list.h \
	%D%/parse.c %D%/parse.h %D%/paths.c %D%/paths.h %D%/plan.c %D%/plan.h \
	%D%/print.c %D%/print_json.c %D%/schema.c %D%/schema.h \
	%D%/site.c \
	%D%/site.h \
	%D%/ssh.c %D%/ssh.h %D%/text.c %D%/text.h %D%/value.c \
	%D%/value.h %D%/value_factor.c \
	%D%/value_list.c %D%/value_nodes.c %D%/value_ops.h %D%/value_text.c
# What a program that reads the configuration links.
# (Rules are checked by libprice.a, in parts of it that need neither libxml2 nor json-c.)
LIB_CONF = src/conf/libconf.a src/price/libprice.a $(LIB_WIRE)
LIB_CONF_LIBS = $(PCRE2_LIBS) $(PSL_LIBS)

CONF_CASES = \
	tests/conf/e_rules.csv tests/conf/e_rules.in tests/conf/e_rules.ok \
	tests/conf/rules.csv tests/conf/rules.in tests/conf/rules.ok \
	tests/conf/bad.csv tests/conf/badheader.csv tests/conf/ebuyer.csv tests/conf/nourl.csv \
	tests/conf/design.in tests/conf/design.ok tests/conf/e_events.in tests/conf/e_events.ok tests/conf/e_nodes.in tests/conf/e_nodes.ok \
	tests/conf/e_sources.in tests/conf/e_sources.ok tests/conf/e_syntax.in tests/conf/e_syntax.ok \
	tests/conf/e_ties.in tests/conf/e_ties.ok \
	tests/conf/e_values.in tests/conf/e_values.ok tests/conf/e_words.in tests/conf/e_words.ok \
	tests/conf/e_simple.in tests/conf/e_simple.ok tests/conf/simple.in tests/conf/simple.ok \
	tests/conf/empty.in tests/conf/empty.ok tests/conf/everything.in tests/conf/everything.ok \
	tests/conf/strings.in tests/conf/strings.ok tests/conf/warnings.in tests/conf/warnings.ok
EXTRA_DIST += $(CONF_CASES)

if HAVE_CHECK
CONF_TESTS = tests/unit/check_conf.t tests/unit/check_conf_children.t tests/unit/check_conf_golden.t tests/unit/check_conf_man.t \
	tests/unit/check_conf_plan.t
check_PROGRAMS += $(CONF_TESTS)
TESTS += $(CONF_TESTS)
tests_unit_check_conf_t_SOURCES = tests/unit/check_conf.c
tests_unit_check_conf_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_conf_t_LDADD = tests/lib/libunit.a $(LIB_CONF) $(LIB_CONF_LIBS) $(CHECK_LIBS)
tests_unit_check_conf_children_t_SOURCES = tests/unit/check_conf_children.c
tests_unit_check_conf_children_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_conf_children_t_LDADD = tests/lib/libunit.a $(LIB_CONF) $(LIB_CONF_LIBS) $(CHECK_LIBS)
tests_unit_check_conf_golden_t_SOURCES = tests/unit/check_conf_golden.c
tests_unit_check_conf_golden_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_conf_golden_t_LDADD = tests/lib/libunit.a $(LIB_CONF) $(LIB_CONF_LIBS) $(CHECK_LIBS)
tests_unit_check_conf_man_t_SOURCES = tests/unit/check_conf_man.c
tests_unit_check_conf_man_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_conf_man_t_LDADD = tests/lib/libunit.a $(LIB_CONF) $(LIB_CONF_LIBS) $(CHECK_LIBS)
tests_unit_check_conf_plan_t_SOURCES = tests/unit/check_conf_plan.c
tests_unit_check_conf_plan_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_conf_plan_t_LDADD = tests/lib/libunit.a $(LIB_CONF) $(LIB_CONF_LIBS) $(CHECK_LIBS)
endif

dist_man_MANS += man/trapexit.conf.5
# A sample is no configuration: nothing of the host's is overwritten.
exampledir = $(docdir)/examples
dist_example_DATA = etc/trapexit.conf
dist_check_SCRIPTS += tests/cli/conf.sh
TESTS += tests/cli/conf.sh
EXTRA_DIST += tests/fuzz/corpus/conf
check_PROGRAMS += tests/fuzz/replay_conf.t
TESTS += tests/fuzz/replay_conf.t
tests_fuzz_replay_conf_t_SOURCES = tests/fuzz/fuzz_conf.c tests/fuzz/replay_main.c
tests_fuzz_replay_conf_t_LDADD = $(LIB_CONF) $(LIB_CONF_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c
tests_fuzz_fuzz_conf_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_conf_LDADD = $(LIB_CONF) $(LIB_CONF_LIBS)
endif

EXTRA_DIST += tests/fuzz/corpus/csv
check_PROGRAMS += tests/fuzz/replay_csv.t
TESTS += tests/fuzz/replay_csv.t
tests_fuzz_replay_csv_t_SOURCES = tests/fuzz/fuzz_csv.c tests/fuzz/replay_main.c
tests_fuzz_replay_csv_t_LDADD = $(LIB_CONF) $(LIB_CONF_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_csv
tests_fuzz_fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c
tests_fuzz_fuzz_csv_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_csv_LDADD = $(LIB_CONF) $(LIB_CONF_LIBS)
endif
