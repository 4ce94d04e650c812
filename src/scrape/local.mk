# Targets of src/scrape, and the shop that its tests fetch from.
if HAVE_CHECK
check_PROGRAMS += tests/helpers/shop
tests_helpers_shop_SOURCES = tests/helpers/shop.c tests/helpers/shop_manners.c tests/helpers/shop_manners.h \
	tests/helpers/shop_file.c tests/helpers/shop_file.h
tests_helpers_shop_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS)
tests_helpers_shop_LDADD = $(MICROHTTPD_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/helpers/hostile tests/helpers/measure
tests_helpers_hostile_SOURCES = \
	tests/helpers/hostile.c \
	tests/helpers/hostile_pages.c \
	tests/helpers/hostile_pages.h
# A library, though automake thinks of a program.
check_PROGRAMS += tests/helpers/poison.so
tests_helpers_poison_so_SOURCES = tests/helpers/poison.c
tests_helpers_poison_so_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
tests_helpers_poison_so_CFLAGS = -std=gnu11 $(WARN_CFLAGS) -fPIC
tests_helpers_poison_so_LDFLAGS = -shared
endif

bin_PROGRAMS += src/scrape/pricescrape
noinst_LIBRARIES += src/scrape/libscrape.a
src_scrape_libscrape_a_SOURCES = \
	%D%/cmd_read.c %D%/read_request.c %D%/read_request.h \
	%D%/address.c %D%/address.h %D%/command.c %D%/command.h \
	%D%/confine.c \
	%D%/confine.h \
	%D%/last_words.c \
	%D%/last_words.h \
	%D%/page_guard.c \
	%D%/page_guard.h \
	%D%/evidence.c \
	%D%/evidence.h \
	%D%/fetch.c %D%/fetch.h %D%/grid.c %D%/grid.h \
	%D%/heap.c %D%/heap.h %D%/job.c %D%/job.h %D%/observe.c %D%/observe.h \
	%D%/oneshot.c %D%/output.c %D%/output.h %D%/print.c %D%/print.h %D%/schedule.c %D%/schedule.h \
	%D%/scraper.c %D%/scraper.h \
	%D%/job_private.h \
	%D%/job_state.c \
	%D%/known.c \
	%D%/known.h \
	%D%/pool.c \
	%D%/pool.h \
	%D%/reading.c \
	%D%/reading.h \
	%D%/scraper_answer.c \
	%D%/scraper_input.c \
	%D%/scraper_private.h \
	%D%/site.c \
	%D%/site.h \
	%D%/cmd_extract.c \
	%D%/cmd_learn.c \
	%D%/extract_batch.c \
	%D%/extract_batch.h \
	%D%/extract_file.c \
	%D%/extract_file.h \
	%D%/observe_trace.c \
	%D%/saved.c \
	%D%/saved.h \
	%D%/told.c \
	%D%/told.h
src_scrape_libscrape_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(EVENT_CFLAGS) $(JSONC_CFLAGS)

src_scrape_pricescrape_SOURCES = %D%/main.c
src_scrape_pricescrape_LDADD = $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS)

LIB_SCRAPE = src/scrape/libscrape.a $(LIB_OS) $(LIB_PRICE)
LIB_SCRAPE_LIBS = $(LIB_PRICE_LIBS) $(CURL_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS)

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_scrape.t
TESTS += tests/unit/check_scrape.t
tests_unit_check_scrape_t_SOURCES = tests/unit/check_scrape.c
tests_unit_check_scrape_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_scrape_t_LDADD = tests/lib/libunit.a $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS) $(CHECK_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_evidence.t
TESTS += tests/unit/check_evidence.t
tests_unit_check_evidence_t_SOURCES = tests/unit/check_evidence.c
tests_unit_check_evidence_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_evidence_t_LDADD = tests/lib/libunit.a $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS) $(CHECK_LIBS)
endif

EXTRA_DIST += tests/scrape/lib.sh
scrape_scripts = tests/scrape/pure.sh tests/scrape/read.sh tests/scrape/oneshot.sh tests/scrape/job.sh tests/scrape/resume.sh \
	tests/scrape/known.sh \
	tests/scrape/site.sh \
	tests/scrape/pressure.sh \
	tests/scrape/extract.sh \
	tests/scrape/rules.sh \
	tests/scrape/learn.sh
# Hostile pages and servers, and what stands between them and us.
EXTRA_DIST += tests/scrape/hostile.sh
scrape_scripts += \
	tests/scrape/hostile-pages.sh \
	tests/scrape/hostile-servers.sh \
	tests/scrape/page-guard.sh \
	tests/scrape/sandbox.sh
dist_check_SCRIPTS += $(scrape_scripts)
if HAVE_CHECK
TESTS += $(scrape_scripts)
endif

dist_man_MANS += man/pricescrape.1 man/trapexit-observation.5

EXTRA_DIST += tests/fuzz/corpus/job
check_PROGRAMS += tests/fuzz/replay_job.t
TESTS += tests/fuzz/replay_job.t
tests_fuzz_replay_job_t_SOURCES = tests/fuzz/fuzz_job.c tests/fuzz/replay_main.c
tests_fuzz_replay_job_t_LDADD = $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_job
tests_fuzz_fuzz_job_SOURCES = tests/fuzz/fuzz_job.c
tests_fuzz_fuzz_job_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_job_LDADD = $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS)
endif

# Fetching.
src_scrape_libscrape_a_SOURCES += \
	%D%/fetch_header.c %D%/fetch_header.h \
	%D%/fetch_reason.c %D%/fetch_reason.h \
	%D%/fetch_transfer.c %D%/fetch_transfer.h \
	%D%/fetch_url.c %D%/fetch_url.h \
	%D%/fetch_private.h \
	%D%/fetch_proxy.c %D%/fetch_proxy.h \
	%D%/fetch_robots.c \
	%D%/fetch_trust.c %D%/fetch_trust.h \
	%D%/cmd_robots.c \
	%D%/robots.c %D%/robots.h \
	%D%/robots_cache.c %D%/robots_cache.h \
	%D%/robots_path.c %D%/robots_path.h

fetch_scripts = \
	tests/scrape/fetch.sh \
	tests/scrape/manners.sh \
	tests/scrape/private.sh \
	tests/scrape/robots.sh \
	tests/scrape/tls.sh
dist_check_SCRIPTS += $(fetch_scripts)
if HAVE_CHECK
TESTS += $(fetch_scripts)
check_PROGRAMS += tests/unit/check_scrape_fetch.t
TESTS += tests/unit/check_scrape_fetch.t
tests_unit_check_scrape_fetch_t_SOURCES = tests/unit/check_scrape_fetch.c
tests_unit_check_scrape_fetch_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_scrape_fetch_t_LDADD = tests/lib/libunit.a $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/unit/check_scrape_robots.t
TESTS += tests/unit/check_scrape_robots.t
tests_unit_check_scrape_robots_t_SOURCES = tests/unit/check_scrape_robots.c
tests_unit_check_scrape_robots_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_scrape_robots_t_LDADD = tests/lib/libunit.a $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/unit/check_scrape_robots_cache.t
TESTS += tests/unit/check_scrape_robots_cache.t
tests_unit_check_scrape_robots_cache_t_SOURCES = tests/unit/check_scrape_robots_cache.c
tests_unit_check_scrape_robots_cache_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_scrape_robots_cache_t_LDADD = tests/lib/libunit.a $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/unit/check_scrape_proxy.t
TESTS += tests/unit/check_scrape_proxy.t
tests_unit_check_scrape_proxy_t_SOURCES = tests/unit/check_scrape_proxy.c
tests_unit_check_scrape_proxy_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_scrape_proxy_t_LDADD = tests/lib/libunit.a $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/helpers/fetch_one
tests_helpers_fetch_one_SOURCES = tests/helpers/fetch_one.c
tests_helpers_fetch_one_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
tests_helpers_fetch_one_LDADD = $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS)
endif

EXTRA_DIST += tests/fuzz/corpus/robots
check_PROGRAMS += tests/fuzz/replay_robots.t
TESTS += tests/fuzz/replay_robots.t
tests_fuzz_replay_robots_t_SOURCES = tests/fuzz/fuzz_robots.c tests/fuzz/replay_main.c
tests_fuzz_replay_robots_t_LDADD = $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_robots
tests_fuzz_fuzz_robots_SOURCES = tests/fuzz/fuzz_robots.c
tests_fuzz_fuzz_robots_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_robots_LDADD = $(LIB_SCRAPE) $(LIB_SCRAPE_LIBS)
endif
