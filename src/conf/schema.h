/*
 * Every word of trapexit.conf(5): one const table a section.
 *
 * A row says what a word is called, how its value is written, where it goes,
 * its range, its default (as text: the value that applies when the word is not
 * written), what a change of it means for what runs, and what it is for. The
 * reading of a file (build.h), the printing (config_print), the plan of a reload
 * (plan.h) and the test of the manual page all go by these tables; no word is
 * known elsewhere.
 */
#ifndef TRAPEXIT_CONF_SCHEMA_H
#define TRAPEXIT_CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a value is written; value.h has a row of functions for each. */
enum value_type {
	VALUE_BOOL,	/* bool; names[0] or names[1], else no or yes */
	VALUE_UINT,	/* uint32_t or unsigned */
	VALUE_INT,	/* int */
	VALUE_ENUM,	/* an enum: index into names */
	VALUE_DURATION, /* int64_t, microseconds */
	VALUE_SHUTDOWN, /* int64_t, milliseconds (S10) */
	VALUE_SIZE,	/* uint64_t */
	VALUE_PERMILLE, /* uint32_t, written as per cent */
	VALUE_UMASK,	/* int, octal */
	VALUE_TEXT,	/* char *, UTF-8 */
	VALUE_PATH,	/* char *, made absolute */
	VALUE_STORE,	/* of struct config: URL of a store, or none */
	VALUE_URL,	/* char *, http or https */
	VALUE_PROXY,	/* char *, URL of a proxy, or none */
	VALUE_PATTERN,	/* char *, PCRE2 */
	VALUE_XPATH,	/* char *, XPath 1.0 */
	VALUE_CSS,	/* char *, a selector */
	VALUE_POINTER,	/* char *, RFC 6901 */
	VALUE_SEPARATOR, /* char *: one of the first `max` of . , ' and blank */
	VALUE_METHODS,	/* char *: automatic sources of a price, with blanks between them */
	VALUE_CURRENCY, /* char *, ISO 4217 */
	VALUE_LOCALE,	/* char * */
	VALUE_CHARSET,	/* char *, a label of the WHATWG */
	VALUE_AMOUNT,	/* char *, a decimal: 24.99 */
	VALUE_FACTOR,	/* uint32_t, in thousandths: 5, 2.5; its none is UINT32_MAX */
	VALUE_COMMAND,	/* struct strvec: an argv */
	VALUE_LIST,	/* struct strvec */
	VALUE_SIGNAL,	/* int */
	VALUE_SIGNALS,	/* uint64_t, bit set */
	VALUE_CODES,	/* uint8_t[32], bit set */
	VALUE_LIMIT,	/* of struct launch; min is the resource */
	VALUE_SOURCES,	/* CSV files with sources; read by build_source.c */
	VALUE_EVENTS,	/* struct strvec: types of events (wire/event_match.h) */
	VALUE_NODES,	/* struct strvec of config.h: nodes, the most wanted first, with sets of equals */
	VALUE_GLOBS,	/* struct strvec: globs, some with ! in front (wire/event_match.h) */
	VALUE_SECTION,	/* `section` says of what */
	VALUE_TYPES,
};

/* The struct that `offset` counts in. */
enum schema_target {
	TARGET_CONFIG,
	TARGET_SUP,
	TARGET_SPEC,
	TARGET_LAUNCH,
	TARGET_SCRAPER,
	TARGET_SOURCE,
	TARGET_NODE,
	TARGET_HANDLER,
	TARGETS,
};

/* What a changed value asks for (S85, architecture 8). */
enum schema_effect {
	EFFECT_POLICY,	/* in place: applies from the next decision or start on */
	EFFECT_RESTART, /* only a new incarnation knows it */
	EFFECT_LATER,	/* only a new daemon knows it */
	EFFECT_NONE,	/* nothing for the child itself: others come or go */
};

enum schema_id {
	SECTION_ROOT,
	SECTION_JOURNAL,
	SECTION_NODE,
	SECTION_SUPERVISOR,
	SECTION_SCRAPER,
	SECTION_SOURCE,
	SECTION_CHILD,
	SECTION_BACKOFF,
	SECTION_ENVIRONMENT, /* its words are the user's */
	SECTION_LIMIT,
	SECTION_LOG,
	SECTION_ON_EVENT,
	SECTIONS,
};

/* Is a section written once, or once a name? */
enum schema_repeat { SECTION_ONCE, SECTION_NAMED };

struct schema_word {
	const char *word;
	enum value_type type;
	enum schema_target target;
	size_t offset;
	int64_t min, max; /* both 0: any */
	const char *const *names;
	const char *none; /* the word for "none of it", or NULL ... */
	int64_t none_value; /* ... and the value that it stands for */
	bool automatic;	/* VALUE_DURATION: the word "auto" stands for -1 */
	const char *def;  /* NULL: none, the thing is absent */
	const char *otp;  /* what supervisor(3) says when its value is wrong (S2, S9, S10); NULL: nothing of its own */
	enum schema_effect effect;
	enum schema_id section; /* VALUE_SECTION */
	enum schema_repeat repeat;
	const char *help;
};

#define SCHEMA_TABLES_MAX 3

/* The words of a section: one or several tables, so that kinds of workers share theirs. */
struct schema_table {
	const struct schema_word *words;
	size_t n;
};

struct schema {
	const char *name;
	struct schema_table tables[SCHEMA_TABLES_MAX];
	bool any_word; /* free words with a text as value */
};

/* The largest number of words in a section, over all of its tables. */
#define SCHEMA_WORDS_MAX 64

const struct schema *schema_section(enum schema_id id);
/* NULL if the section has no such word; *index is its number in the section. */
const struct schema_word *schema_find(enum schema_id id, const char *word, size_t *index);
/* The i-th word of the section over all its tables; NULL behind the last. */
const struct schema_word *schema_word(enum schema_id id, size_t i);
/* How a value is written, for messages and for the manual page: "duration". */
const char *schema_type_name(const struct schema_word *w);

#endif
