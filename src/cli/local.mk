# Targets of src/cli: trapexit(1). All but main() is a library, for its unit tests.
noinst_LIBRARIES += src/cli/libcli.a
src_cli_libcli_a_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS) $(SMARTCOLS_CFLAGS)
src_cli_libcli_a_SOURCES = \
	%D%/children.c %D%/children.h %D%/cli.h \
	%D%/cmd_child.c %D%/cmd_control.c %D%/cmd_deploy.c %D%/cmd_events.c %D%/cmd_history.c %D%/cmd_logs.c %D%/cmd_nodes.c %D%/cmd_place.c %D%/cmd_prices.c %D%/cmd_status.c \
	%D%/command.c %D%/command.h %D%/complain.c %D%/complete.c %D%/csv.c %D%/csv.h \
	%D%/deploy.c %D%/deploy.h %D%/deploy_packages.c %D%/deploy_payload.c %D%/deploy_script.h \
	%D%/event_text.c %D%/event_text.h \
	%D%/cmd_evidence.c \
	%D%/cmd_test_rules.c \
	%D%/rule_test.c \
	%D%/rule_test.h \
	%D%/fresh_view.c \
	%D%/fresh_view.h \
	%D%/judge.c \
	%D%/judge.h \
	%D%/help.c %D%/help.h %D%/jget.c %D%/jget.h \
	%D%/lines.c %D%/lines.h %D%/log_tail.c %D%/log_tail.h %D%/options.c %D%/options.h %D%/order.h \
	%D%/place.c %D%/place.h %D%/price_out.c %D%/price_out.h %D%/rpc.c %D%/rpc.h \
	%D%/salvage.c %D%/salvage.h \
	%D%/status_view.c %D%/status_view.h %D%/table.c %D%/table.h %D%/term.c %D%/term.h \
	%D%/words.c %D%/words.h

# What runs on the other host, as a string.
nodist_src_cli_libcli_a_SOURCES = src/cli/deploy_script.c
EXTRA_DIST += src/cli/deploy.sh
CLEANFILES += src/cli/deploy_script.c
src/cli/deploy_script.c: $(srcdir)/src/cli/deploy.sh
	$(AM_V_GEN)$(MKDIR_P) src/cli && { echo '#include "cli/deploy_script.h"'; echo 'const char *const deploy_script[] = {'; \
	    sed -e '/^#/d' -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&",/' $(srcdir)/src/cli/deploy.sh; echo 'NULL };'; } >$@.new && mv $@.new $@

LIB_CLI = src/cli/libcli.a src/conf/libconf.a src/journal/libjournal.a src/store/libstore.a src/price/libprice.a \
	src/os/libos.a $(LIB_WIRE)
LIB_CLI_LIBS = $(JSONC_LIBS) $(SMARTCOLS_LIBS) $(SQLITE_LIBS) $(PCRE2_LIBS) $(PSL_LIBS) $(MSGPACK_LIBS)

bin_PROGRAMS += src/cli/trapexit
src_cli_trapexit_SOURCES = %D%/main.c
src_cli_trapexit_LDADD = $(LIB_CLI) $(LIB_CLI_LIBS)

dist_man_MANS += man/trapexit.1 man/trapexit.7 man/trapexit-supervision.7

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_cli.t
TESTS += tests/unit/check_cli.t
tests_unit_check_cli_t_SOURCES = tests/unit/check_cli.c
tests_unit_check_cli_t_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib $(CHECK_CFLAGS) $(JSONC_CFLAGS)
tests_unit_check_cli_t_LDADD = tests/lib/libunit.a $(LIB_CLI) $(CHECK_LIBS) $(LIB_CLI_LIBS)
endif

CLI_TEST_FILES = \
	tests/cli/trapexit.sh tests/cli/trapexit-complete.sh tests/cli/trapexit-deploy.sh tests/cli/trapexit-events.sh tests/cli/trapexit-logs.sh \
	tests/cli/trapexit-man.sh tests/cli/trapexit-prices.sh \
	tests/cli/trapexit-evidence.sh tests/cli/trapexit-status.sh \
	tests/cli/trapexit-test-rules.sh
dist_check_SCRIPTS += $(CLI_TEST_FILES)
TESTS += $(CLI_TEST_FILES)

# The sentences of `trapexit events` are fuzzed: most of a journal was written by children.
EXTRA_DIST += tests/fuzz/corpus/event_text
check_PROGRAMS += tests/fuzz/replay_event_text.t
TESTS += tests/fuzz/replay_event_text.t
tests_fuzz_replay_event_text_t_SOURCES = tests/fuzz/fuzz_event_text.c tests/fuzz/replay_main.c
tests_fuzz_replay_event_text_t_LDADD = $(LIB_CLI) $(LIB_CLI_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_event_text
tests_fuzz_fuzz_event_text_SOURCES = tests/fuzz/fuzz_event_text.c
tests_fuzz_fuzz_event_text_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_event_text_LDADD = $(LIB_CLI) $(LIB_CLI_LIBS)
endif
