noinst_LIBRARIES += src/journal/libjournal.a
src_journal_libjournal_a_SOURCES = \
	%D%/batch.c %D%/disk.c %D%/disk.h %D%/inherit.c %D%/inherit.h %D%/journal.c %D%/journal.h \
	%D%/logs.c %D%/logs.h %D%/names.c %D%/names.h %D%/past.c %D%/past.h %D%/past_encode.c %D%/past_fold.c \
	%D%/past_log.c %D%/past_private.h %D%/reader.c %D%/reader.h %D%/recorded.c %D%/recorded.h \
	%D%/segment.c %D%/segment.h %D%/synced.c %D%/synced.h
