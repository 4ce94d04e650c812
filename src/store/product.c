/* Which product a person means: above all backends. */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/strvec.h"
#include "base/xalloc.h"
#include "store/backend.h"

#define CANDIDATES_SHOWN 10

/* Ways to mean a product, the strictest first. */
typedef bool match_fn(const char *product, const char *text);

static bool
match_exact(const char *product, const char *text)
{
	return strcmp(product, text) == 0;
}

static bool
match_case(const char *product, const char *text)
{
	return strcasecmp(product, text) == 0;
}

static bool
match_part(const char *product, const char *text)
{
	return fnmatch(text, product, FNM_CASEFOLD) == 0 || strcasestr(product, text) != NULL;
}

static match_fn *const ways[] = { match_exact, match_case, match_part };

static int
collect(const char *product, void *arg)
{
	strvec_push(arg, product);
	return 0;
}

static void
list(struct buf *b, const struct strvec *all, match_fn *match, const char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (match != NULL && !match(all->v[i], text))
			continue;
		if (++n <= CANDIDATES_SHOWN)
			buf_xprintf(b, "%s\"%s\"", n == 1 ? "" : ", ", all->v[i]);
	}
	if (n > CANDIDATES_SHOWN)
		buf_xprintf(b, " and %zu more", n - CANDIDATES_SHOWN);
}

static int
fail(const struct strvec *all, match_fn *match, const char *text, struct err *err)
{
	struct buf b = BUF_INIT(0);

	buf_xaddc(&b, ' ');
	list(&b, all, match, text);
	if (match != NULL)
		err_set(err, EINVAL, "\"%s\" may be any of these products:%s", text, b.data);
	else if (all->n > 0)
		err_set(err, ENOENT, "no product \"%s\"; there are:%s", text, b.data);
	else
		err_set(err, ENOENT, "no product \"%s\": the store has no product yet", text);
	buf_release(&b);
	return -1;
}

static int
choose(const struct strvec *all, const char *text, char **name, struct err *err)
{
	for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
		const char *found = NULL;
		size_t n = 0;

		for (size_t i = 0; i < all->n; i++) {
			if (ways[w](all->v[i], text)) {
				found = all->v[i];
				n++;
			}
		}
		if (n > 1)
			return fail(all, ways[w], text, err);
		if (n == 1) {
			*name = xstrdup(found);
			return 0;
		}
	}
	return fail(all, NULL, text, err);
}

int
store_find_product(struct store *s, const char *text, char **name, struct err *err)
{
	struct strvec all = STRVEC_INIT;
	int rc = s->backend->products(s, collect, &all, err);

	if (rc == 0)
		rc = choose(&all, text, name, err);
	strvec_release(&all);
	return rc;
}
