noinst_LIBRARIES += src/store/libstore.a
src_store_libstore_a_SOURCES = \
	%D%/amount.c %D%/backend.h %D%/offers.c %D%/product.c %D%/schema.c %D%/schema.h \
	%D%/sqlite.c %D%/sqlite.h %D%/sqlite_known.c %D%/sqlite_known.h \
	%D%/sqlite_read.c %D%/sqlite_write.c %D%/store.c %D%/store.h
src_store_libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)

# What a program links that uses the store.
LIB_STORE = src/store/libstore.a $(LIB_BASE)
LIB_STORE_LIBS = $(SQLITE_LIBS)
