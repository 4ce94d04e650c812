/*
 * The rules of a configuration, tried: which sources there are, and what
 * pricescrape finds of one, on its page as it is now or on a page that was saved.
 *
 *	n = rule_tests_find(config, names, n_names, &tests, &err);
 *	rule_test_run(&tests[i], pricescrape, file, content_type);
 *	rule_tests_free(tests, n);
 */
#ifndef TRAPEXIT_CLI_RULE_TEST_H
#define TRAPEXIT_CLI_RULE_TEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "conf/config.h"
#include "price/plausible.h"

struct rule_test {
	char *supplier; /* owned; the child's path */
	const struct scraper *scraper;
	const struct source *source;
	size_t nth; /* of its host, in the order of the configuration */
	/* What was found; owned texts, NULL: absent. */
	char *status, *amount, *currency, *rule, *method, *reason, *error;
	struct plausible_price last; /* the last price that is stored, if one is known */
	enum doubt doubt;	     /* how the new one differs from it */
	bool good;
};

/*
 * The sources that are meant: of the children that the names fit, or whose own
 * id a name is, alone or behind "CHILD/"; without names all. Sites take turns.
 * -1 with err set if a name fits none.
 */
long rule_tests_find(const struct config *c, char *const *names, int n_names, struct rule_test **out, struct err *err);
/* On its page; or on a file, with the Content-Type that it came with (NULL: not known). -1 with err set if nothing could be run. */
int rule_test_run(struct rule_test *t, const char *pricescrape, const char *file, const char *content_type, struct err *err);
/* Compare what was found with t->last. */
void rule_test_judge(struct rule_test *t);
void rule_tests_free(struct rule_test *tests, size_t n);

#endif
