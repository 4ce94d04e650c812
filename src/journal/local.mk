noinst_LIBRARIES += src/journal/libjournal.a
src_journal_libjournal_a_SOURCES = \
	%D%/journal.h %D%/past.h %D%/reader.h %D%/recorded.c %D%/recorded.h
