noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	%D%/amount.c %D%/backend.h %D%/offers.c %D%/product.c %D%/schema.c %D%/schema.h \
	%D%/sqlite.c %D%/sqlite.h \
	%D%/sqlite_evidence.c \
	%D%/sqlite_known.c %D%/sqlite_known.h \
	%D%/sqlite_read.c %D%/sqlite_write.c %D%/store.c %D%/store.h
src_store_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)

# What a program links that uses the store.
LIB_STORE = src/store/libstore.a $(LIB_BASE)
LIB_STORE_LIBS = $(SQLITE_LIBS)

# A store of each version that was released, for the test of its migration.
EXTRA_DIST += tests/data/store-1.db \
	tests/data/store-2.db

if HAVE_CHECK
STORE_TESTS = tests/unit/check_store.t tests/unit/check_store_file.t tests/unit/check_store_read.t
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
check_LIBRARIES += tests/unit/libstorefixture.a
tests_unit_libstorefixture_a_SOURCES = tests/unit/store_fixture.c tests/unit/store_fixture.h
tests_unit_libstorefixture_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
STORE_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(SQLITE_CFLAGS)
STORE_TEST_LIBS = tests/unit/libstorefixture.a tests/lib/libunit.a $(LIB_STORE) $(CHECK_LIBS) $(LIB_STORE_LIBS)

tests_unit_check_store_t_SOURCES = tests/unit/check_store.c
tests_unit_check_store_t_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_check_store_t_LDADD = $(STORE_TEST_LIBS)
tests_unit_check_store_file_t_SOURCES = tests/unit/check_store_file.c
tests_unit_check_store_file_t_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_check_store_file_t_LDADD = $(STORE_TEST_LIBS)
tests_unit_check_store_read_t_SOURCES = tests/unit/check_store_read.c
tests_unit_check_store_read_t_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
tests_unit_check_store_read_t_LDADD = $(STORE_TEST_LIBS)
endif
