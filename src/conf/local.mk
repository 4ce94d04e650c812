# Targets of src/conf.
noinst_LIBRARIES += src/conf/libconf.a
src_conf_libconf_a_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
src_conf_libconf_a_SOURCES = \
	%D%/advise.c %D%/advise.h %D%/arena.c %D%/arena.h %D%/build.c %D%/build.h \
	%D%/build_source.c %D%/build_tree.c %D%/check_pattern.c %D%/check_pattern.h \
	%D%/config.c %D%/config.h %D%/config_data.h %D%/csv.c %D%/csv.h %D%/defaults.c \
	%D%/diag.c %D%/diag.h %D%/differ.c %D%/differ.h %D%/file.c %D%/file.h %D%/job.c %D%/lex.c %D%/lex.h \
	%D%/parse.c %D%/parse.h %D%/paths.c %D%/paths.h %D%/plan.c %D%/plan.h \
	%D%/print.c %D%/schema.c %D%/schema.h %D%/text.c %D%/text.h %D%/value.c \
	%D%/value.h %D%/value_list.c %D%/value_ops.h %D%/value_text.c
# What a program that reads the configuration links.
LIB_CONF = src/conf/libconf.a $(LIB_WIRE)
LIB_CONF_LIBS = $(PCRE2_LIBS)
