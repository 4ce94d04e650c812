# Text to money, page to offer; pure (architecture: no socket, no file).
noinst_LIBRARIES += src/price/libprice.a
src_price_libprice_a_SOURCES = \
	%D%/amount.c %D%/amount.h %D%/availability.c %D%/availability.h %D%/candidate.c %D%/candidate.h \
	%D%/charset.def %D%/currency.c %D%/currency.def %D%/currency.h %D%/decode.c %D%/decode.h \
	%D%/entity.c %D%/entity.def %D%/entity.h %D%/extract.c %D%/extract.h \
	%D%/extract_jsonld.c %D%/extract_jsonld.h %D%/extract_meta.c %D%/extract_meta.h %D%/extract_quick.c %D%/extract_quick.h \
	%D%/extract_rule.c %D%/extract_rule.h \
	%D%/fold.c %D%/fold.h %D%/json_repair.c %D%/json_repair.h %D%/jsonld_graph.c %D%/jsonld_graph.h \
	%D%/markup.c %D%/markup.h %D%/markup_text.c %D%/number.c %D%/number.h \
	%D%/offer.c %D%/offer.h %D%/reader.c %D%/reader.h \
	%D%/plausible.c \
	%D%/plausible.h \
	%D%/css.h \
	%D%/css_parse.c \
	%D%/learn.c \
	%D%/learn.h \
	%D%/learn_private.h \
	%D%/learn_rules.c \
	%D%/learn_script.c \
	%D%/nest.c \
	%D%/nest.def \
	%D%/nest.h \
	%D%/rule_check.c \
	%D%/rule_check.h \
	%D%/select.h \
	%D%/select_css.c \
	%D%/select_pointer.c \
	%D%/select_regex.c \
	%D%/select_xpath.c \
	%D%/skim.c \
	%D%/skim.h \
	%D%/xpath_check.c \
	%D%/xpath_check.h \
	%D%/availability.def \
	%D%/trace.c \
	%D%/unescape.c \
	%D%/unescape.h \
	%D%/trace.h \
	%D%/phrase.c \
	%D%/phrase.h
src_price_libprice_a_SOURCES += \
	%D%/blocked.c \
	%D%/blocked.h \
	%D%/class_word.c %D%/class_word.def \
	%D%/class_word.h \
	%D%/extract_heuristic.c \
	%D%/extract_heuristic.h \
	%D%/shown.c \
	%D%/shown.h \
	%D%/scored.c %D%/scored.h \
	%D%/seen.c \
	%D%/seen.h \
	%D%/extract_items.c \
	%D%/extract_items.h \
	%D%/items.c \
	%D%/items.h \
	%D%/items_known.c \
	%D%/page_url.c \
	%D%/page_url.h \
	%D%/product.c \
	%D%/product.h \
	%D%/product_offer.c \
	%D%/product_passed.c \
	%D%/product_price.c \
	%D%/product_private.h \
	%D%/stated.c \
	%D%/stated.h
src_price_libprice_a_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS) $(PCRE2_CFLAGS) $(XML2_CFLAGS)
src_price_libprice_a_SOURCES += \
	%D%/candidate_mark.c \
	%D%/candidate_reject.c \
	%D%/candidate_words.c \
	%D%/composed.def \
	%D%/letter.c \
	%D%/letter.h \
	%D%/words.c \
	%D%/words.h
nodist_src_price_libprice_a_SOURCES = src/price/iso4217.def src/price/signs.def src/price/words.def

# What is generated: the codes of ISO 4217 from Debian's iso-codes, the signs by their bytes, and the words, sorted.
BUILT_SOURCES += src/price/iso4217.def src/price/signs.def src/price/words.def
CLEANFILES += src/price/iso4217.def src/price/signs.def src/price/words.def
EXTRA_DIST += %D%/iso4217.awk %D%/signs.awk %D%/words.awk %D%/words.list
src/price/iso4217.def: %D%/iso4217.awk %D%/currency.def $(ISO_CODES_JSON)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(AWK) -f $(srcdir)/%D%/iso4217.awk $(srcdir)/%D%/currency.def $(ISO_CODES_JSON) >$@.rows && \
	LC_ALL=C sort $@.rows >$@.tmp && rm $@.rows && mv $@.tmp $@
src/price/signs.def: %D%/signs.awk %D%/currency.def
	$(AM_V_GEN)$(MKDIR_P) $(@D) && LC_ALL=C $(AWK) -f $(srcdir)/%D%/signs.awk $(srcdir)/%D%/currency.def >$@.tmp && mv $@.tmp $@
src/price/words.def: %D%/words.awk %D%/words.list
	$(AM_V_GEN)$(MKDIR_P) $(@D) && LC_ALL=C $(AWK) -f $(srcdir)/%D%/words.awk $(srcdir)/%D%/words.list >$@.rows && \
	LC_ALL=C sort -t '	' -k 1,1 $@.rows | cut -f 2- >$@.tmp && rm $@.rows && mv $@.tmp $@
src/price/libprice_a-currency.$(OBJEXT): src/price/iso4217.def src/price/signs.def
src/price/libprice_a-words.$(OBJEXT): src/price/words.def

LIB_PRICE = src/price/libprice.a $(LIB_BASE)
LIB_PRICE_LIBS = $(JSONC_LIBS) $(PCRE2_LIBS) $(XML2_LIBS)

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_price_reader.t tests/unit/check_price_page.t
TESTS += tests/unit/check_price_reader.t tests/unit/check_price_page.t
tests_unit_check_price_reader_t_SOURCES = tests/unit/check_price_reader.c
tests_unit_check_price_reader_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_reader_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)
tests_unit_check_price_page_t_SOURCES = tests/unit/check_price_page.c
tests_unit_check_price_page_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JSONC_CFLAGS)
tests_unit_check_price_page_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_found.t
TESTS += tests/unit/check_price_found.t
tests_unit_check_price_found_t_SOURCES = tests/unit/check_price_found.c
tests_unit_check_price_found_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_found_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_sources.t
TESTS += tests/unit/check_price_sources.t
tests_unit_check_price_sources_t_SOURCES = tests/unit/check_price_sources.c
tests_unit_check_price_sources_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_sources_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_reader_number.t
TESTS += tests/unit/check_price_reader_number.t
tests_unit_check_price_reader_number_t_SOURCES = tests/unit/check_price_reader_number.c tests/unit/price_rows.c tests/unit/price_rows.h
tests_unit_check_price_reader_number_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_reader_number_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_reader_evidence.t
TESTS += tests/unit/check_price_reader_evidence.t
tests_unit_check_price_reader_evidence_t_SOURCES = tests/unit/check_price_reader_evidence.c tests/unit/price_rows.c tests/unit/price_rows.h
tests_unit_check_price_reader_evidence_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_reader_evidence_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_reader_words.t
TESTS += tests/unit/check_price_reader_words.t
tests_unit_check_price_reader_words_t_SOURCES = tests/unit/check_price_reader_words.c tests/unit/price_rows.c tests/unit/price_rows.h
tests_unit_check_price_reader_words_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_reader_words_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_reader_parts.t
TESTS += tests/unit/check_price_reader_parts.t
tests_unit_check_price_reader_parts_t_SOURCES = tests/unit/check_price_reader_parts.c tests/unit/price_rows.c tests/unit/price_rows.h
tests_unit_check_price_reader_parts_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_reader_parts_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_reader_currency.t
TESTS += tests/unit/check_price_reader_currency.t
tests_unit_check_price_reader_currency_t_SOURCES = tests/unit/check_price_reader_currency.c tests/unit/price_rows.c tests/unit/price_rows.h
tests_unit_check_price_reader_currency_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_reader_currency_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_reader_texts.t
TESTS += tests/unit/check_price_reader_texts.t
tests_unit_check_price_reader_texts_t_SOURCES = tests/unit/check_price_reader_texts.c tests/unit/price_rows.c tests/unit/price_rows.h
tests_unit_check_price_reader_texts_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_reader_texts_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_heuristic.t
TESTS += tests/unit/check_price_heuristic.t
tests_unit_check_price_heuristic_t_SOURCES = tests/unit/check_price_heuristic.c
tests_unit_check_price_heuristic_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_heuristic_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_quick.t
TESTS += tests/unit/check_price_quick.t
tests_unit_check_price_quick_t_SOURCES = tests/unit/check_price_quick.c
tests_unit_check_price_quick_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_quick_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_decode.t
TESTS += tests/unit/check_price_decode.t
tests_unit_check_price_decode_t_SOURCES = tests/unit/check_price_decode.c
tests_unit_check_price_decode_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_decode_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_availability.t
TESTS += tests/unit/check_price_availability.t
tests_unit_check_price_availability_t_SOURCES = tests/unit/check_price_availability.c
tests_unit_check_price_availability_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_availability_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_trace.t
TESTS += tests/unit/check_price_trace.t
tests_unit_check_price_trace_t_SOURCES = tests/unit/check_price_trace.c
tests_unit_check_price_trace_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_trace_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/unit/check_price_plausible.t
TESTS += tests/unit/check_price_plausible.t
tests_unit_check_price_plausible_t_SOURCES = tests/unit/check_price_plausible.c
tests_unit_check_price_plausible_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_plausible_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_price_looks.t
TESTS += tests/unit/check_price_looks.t
tests_unit_check_price_looks_t_SOURCES = tests/unit/check_price_looks.c
tests_unit_check_price_looks_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_looks_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)
endif

if HAVE_CHECK
check_PROGRAMS += tests/unit/check_price_rules.t tests/unit/check_price_pointer.t
TESTS += tests/unit/check_price_rules.t tests/unit/check_price_pointer.t
tests_unit_check_price_rules_t_SOURCES = tests/unit/check_price_rules.c
tests_unit_check_price_pointer_t_SOURCES = tests/unit/check_price_pointer.c
check_PROGRAMS += tests/unit/check_price_learn.t
TESTS += tests/unit/check_price_learn.t
tests_unit_check_price_learn_t_SOURCES = tests/unit/check_price_learn.c
tests_unit_check_price_learn_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_learn_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)
tests_unit_check_price_rules_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_rules_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)
tests_unit_check_price_pointer_t_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_price_pointer_t_LDADD = tests/lib/libunit.a $(LIB_PRICE) $(LIB_PRICE_LIBS) $(CHECK_LIBS)
endif

EXTRA_DIST += tests/fuzz/corpus/price
check_PROGRAMS += tests/fuzz/replay_price.t
TESTS += tests/fuzz/replay_price.t
tests_fuzz_replay_price_t_SOURCES = tests/fuzz/fuzz_price.c tests/fuzz/replay_main.c
tests_fuzz_replay_price_t_LDADD = $(LIB_PRICE) $(LIB_PRICE_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_price
tests_fuzz_fuzz_price_SOURCES = tests/fuzz/fuzz_price.c
tests_fuzz_fuzz_price_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_price_LDADD = $(LIB_PRICE) $(LIB_PRICE_LIBS)
endif

EXTRA_DIST += tests/fuzz/corpus/reader
check_PROGRAMS += tests/fuzz/replay_reader.t
TESTS += tests/fuzz/replay_reader.t
tests_fuzz_replay_reader_t_SOURCES = tests/fuzz/fuzz_reader.c tests/fuzz/replay_main.c
tests_fuzz_replay_reader_t_LDADD = $(LIB_PRICE) $(LIB_PRICE_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_reader
tests_fuzz_fuzz_reader_SOURCES = tests/fuzz/fuzz_reader.c
tests_fuzz_fuzz_reader_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_reader_LDADD = $(LIB_PRICE) $(LIB_PRICE_LIBS)
endif

# Rules as people write them.
EXTRA_DIST += tests/fuzz/corpus/rules
check_PROGRAMS += tests/fuzz/replay_rules.t
TESTS += tests/fuzz/replay_rules.t
tests_fuzz_replay_rules_t_SOURCES = tests/fuzz/fuzz_rules.c tests/fuzz/replay_main.c
tests_fuzz_replay_rules_t_LDADD = $(LIB_PRICE) $(LIB_PRICE_LIBS)
if FUZZING
FUZZERS += tests/fuzz/fuzz_rules
tests_fuzz_fuzz_rules_SOURCES = tests/fuzz/fuzz_rules.c
tests_fuzz_fuzz_rules_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_rules_LDADD = $(LIB_PRICE) $(LIB_PRICE_LIBS)
endif
