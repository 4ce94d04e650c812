#include "store/store.h"

#include <errno.h>
#include <string.h>

#include "store/backend.h"

static const struct store_backend *const backends[] = { &store_sqlite };

/* A scheme is letters, digits, '+', '-' and '.' before a colon (RFC 3986); a path with a slash before it is none. */
static size_t
scheme_len(const char *url)
{
	size_t n = strspn(url, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return n > 0 && url[n] == ':' ? n : 0;
}

static const struct store_backend *
backend_find(const char *url, const char **where, struct err *err)
{
	size_t n = scheme_len(url);

	if (n == 0) {
		*where = url;
		return &store_sqlite;
	}
	*where = url + n + 1;
	for (size_t i = 0; i < ARRAY_LEN(backends); i++)
		if (strlen(backends[i]->scheme) == n && strncmp(backends[i]->scheme, url, n) == 0)
			return backends[i];
	if (strncmp(url, "postgresql:", 11) == 0 || strncmp(url, "postgres:", 9) == 0)
		err_set(err, ENOTSUP, "store %s: this build has no PostgreSQL store, only sqlite:PATH", url);
	else
		err_set(err, ENOTSUP, "store %s: unknown kind of store, expected sqlite:PATH", url);
	return NULL;
}

int
store_check_url(const char *url, struct err *err)
{
	const char *where;

	if (backend_find(url, &where, err) == NULL)
		return -1;
	if (where[0] == '\0')
		return err_set(err, EINVAL, "store %s: the path is missing", url);
	return 0;
}

struct store *
store_open(const char *url, enum store_mode mode, struct err *err)
{
	const struct store_backend *b;
	const char *where;

	if (store_check_url(url, err) == -1)
		return NULL;
	b = backend_find(url, &where, err);
	return b == NULL ? NULL : b->open(where, mode, err);
}

void
store_close(struct store *s)
{
	if (s != NULL)
		s->backend->close(s);
}

bool
store_error_passes(const struct err *err)
{
	switch (err->code) {
	case EBUSY:
	case ENOSPC:
	case EDQUOT:
	case EIO:
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case EINTR:
		return true;
	default:
		return false;
	}
}

int
store_position(struct store *s, const char *installation, struct store_position *pos, struct err *err)
{
	return s->backend->position(s, installation, pos, err);
}

int
store_begin(struct store *s, const char *installation, struct store_position *pos, struct err *err)
{
	return s->backend->begin(s, installation, pos, err);
}

int
store_put(struct store *s, const struct store_observation *o, enum store_put_result *result, struct err *err)
{
	return s->backend->put(s, o, result, err);
}

int
store_quarantine(struct store *s, const struct store_reject *r, struct err *err)
{
	return s->backend->quarantine(s, r, err);
}

int
store_put_evidence(struct store *s, const struct store_evidence *e, struct err *err)
{
	return s->backend->put_evidence(s, e, err);
}

int
store_pages(struct store *s, const char *supplier, const char *source, bool bodies, store_page_cb *cb, void *arg,
    struct err *err)
{
	return s->backend->pages(s, supplier, source, bodies, cb, arg, err);
}

int
store_commit(struct store *s, const struct store_position *pos, struct err *err)
{
	return s->backend->commit(s, pos, err);
}

void
store_rollback(struct store *s)
{
	s->backend->rollback(s);
}

int
store_largest_epoch(struct store *s, uint32_t *epoch, struct err *err)
{
	return s->backend->largest_epoch(s, epoch, err);
}

int
store_history(struct store *s, const char *product, int64_t since_ms, uint64_t limit, store_event_cb *cb, void *arg,
    struct err *err)
{
	return s->backend->history(s, product, since_ms, limit, cb, arg, err);
}

int
store_last_good(struct store *s, const char *supplier, const char *source, int64_t *ms, struct err *err)
{
	return s->backend->last_good(s, supplier, source, ms, err);
}

int
store_count(struct store *s, struct store_counts *out, struct err *err)
{
	return s->backend->count(s, out, err);
}

int
store_count_quarantine(struct store *s, store_reason_cb *cb, void *arg, struct err *err)
{
	return s->backend->count_quarantine(s, cb, arg, err);
}

int
store_quarantined(struct store *s, uint64_t limit, store_quarantined_cb *cb, void *arg, struct err *err)
{
	return s->backend->quarantined(s, limit, cb, arg, err);
}
