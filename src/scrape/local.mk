# Targets of src/scrape, and the shop that its tests fetch from.
if HAVE_CHECK
check_PROGRAMS += tests/helpers/shop
tests_helpers_shop_SOURCES = tests/helpers/shop.c
tests_helpers_shop_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS)
tests_helpers_shop_LDADD = $(MICROHTTPD_LIBS)
endif
