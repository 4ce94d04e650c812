#include "conf/advise.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/map.h"
#include "base/units.h"
#include "base/xalloc.h"
#include "conf/config_data.h"
#include "conf/site.h"
#include "conf/text.h"

/* Whose hosts are one site to their owner. */
struct owner {
	const struct launch_box *first; /* who fetched from it first */
	const char *host;		/* ... there */
	const struct launch_box *told;	/* who was told last that it is not the first */
};

/* A host as the scrapers see it that fetch from it. */
struct site {
	char *host;
	struct owner *owner;
	size_t sources; /* of the scraper that is looked at: its sources there, */
	double load;	/* what part of the time their gaps fill, */
	int64_t every_us; /* and how often the most eager one comes around */
};

struct adviser {
	struct diag *diag;
	struct arena arena;
	struct strmap sites;
	struct strmap owners; /* by domain */
};

static struct owner *
find_owner(struct adviser *a, const char *host)
{
	const char *domain = site_domain(host);
	struct owner *owner = strmap_find(&a->owners, domain);

	if (owner == NULL) {
		owner = arena_alloc(&a->arena, sizeof(*owner));
		*owner = (struct owner){ NULL, NULL, NULL };
		strmap_put(&a->owners, domain, owner);
	}
	return owner;
}

static struct site *
find_site(struct adviser *a, const struct source *source)
{
	struct err err = ERR_INIT;
	struct text_url url;
	char host[256];
	struct site *site;
	size_t i;

	if (text_url_parse(source->url, &url, &err) == -1 || url.host_len >= sizeof(host))
		return NULL;
	for (i = 0; i < url.host_len; i++)
		host[i] = (char)tolower((unsigned char)url.host[i]);
	host[i] = '\0';
	site = strmap_find(&a->sites, host);
	if (site == NULL) {
		site = arena_alloc(&a->arena, sizeof(*site));
		site->host = arena_strdup(&a->arena, host);
		site->owner = find_owner(a, site->host);
		strmap_put(&a->sites, site->host, site);
	}
	return site;
}

/* Tests and drills fetch from here; nobody is bothered. */
static bool
is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0;
}

static void
check_owner(struct adviser *a, const struct site *site, const struct launch_box *box)
{
	struct owner *owner = site->owner;
	char host[DIAG_QUOTE_SIZE], other[DIAG_QUOTE_SIZE];

	if (owner->first == NULL) {
		owner->first = box;
		owner->host = site->host;
	}
	if (owner->first == box || owner->told == box || is_loopback(site->host))
		return;
	owner->told = box;
	diag_quote(site->host, host);
	diag_quote(owner->host, other);
	if (strcmp(site->host, owner->host) == 0)
		diag_warning(a->diag, box->at, "two scrapers fetch from %s, the other is in line %u: each keeps its own gap, "
		    "so the site sees both", host, owner->first->at.line);
	else
		diag_warning(a->diag, box->at, "two scrapers fetch from one site, %s here and %s in line %u: each keeps its own "
		    "gap, so the site sees both", host, other, owner->first->at.line);
}

static void
check_site(struct adviser *a, struct site *site, const struct launch_box *box)
{
	char gap[DURATION_TEXT_SIZE], every[DURATION_TEXT_SIZE], most[DURATION_TEXT_SIZE];
	char host[DIAG_QUOTE_SIZE];
	const int64_t gap_us = box->scraper.gap_us / box->scraper.concurrency;

	diag_quote(site->host, host);
	if (site->load > 1)
		diag_warning(a->diag, box->at,
		    "%zu source%s on %s cannot be fetched every %s with a gap of %s, which lets each come around every %s",
		    site->sources, site->sources == 1 ? "" : "s", host, duration_human(site->every_us, every),
		    duration_human(gap_us, gap), duration_human((int64_t)site->sources * gap_us, most));
	check_owner(a, site, box);
}

static void
check_sites(struct adviser *a, const struct launch_box *box)
{
	const struct scraper *scraper = &box->scraper;
	const struct source *s;
	struct site *site;
	int64_t every;

	for (s = scraper->sources; s < scraper->sources + scraper->n_sources; s++) {
		site = find_site(a, s);
		if (site == NULL)
			continue;
		every = s->every_us != 0 ? s->every_us : scraper->every_us;
		if (site->sources++ == 0 || every < site->every_us)
			site->every_us = every;
		site->load += (double)scraper->gap_us / scraper->concurrency / (double)every;
	}
	for (s = scraper->sources; s < scraper->sources + scraper->n_sources; s++) {
		site = find_site(a, s);
		if (site == NULL || site->sources == 0)
			continue; /* spoken of already */
		check_site(a, site, box);
		site->sources = 0;
		site->load = 0;
	}
}

/* P43: bounds that no price can be in. */
static void
check_bounds(struct adviser *a, const struct launch_box *box)
{
	const struct scraper *scraper = &box->scraper;
	const struct source *s;
	char id[DIAG_QUOTE_SIZE];

	for (s = scraper->sources; s < scraper->sources + scraper->n_sources; s++) {
		const char *min = s->min != NULL ? s->min : scraper->min, *max = s->max != NULL ? s->max : scraper->max;

		if (min == NULL || max == NULL || text_amount_compare(min, max) <= 0)
			continue;
		diag_warning(a->diag, box->at, "no price of the source '%s' can be believed: its min %s is above its max %s",
		    diag_quote(s->id, id), min, max);
		return;
	}
}

/* Times that the schedule makes nonsense of. */
static void
check_times(struct adviser *a, const struct launch_box *box)
{
	const struct scraper *scraper = &box->scraper;
	char time[DURATION_TEXT_SIZE], every[DURATION_TEXT_SIZE];
	int64_t shortest = 0, longest = 0, us;
	size_t i;

	for (i = 0; i < scraper->n_sources; i++) {
		us = scraper->sources[i].every_us != 0 ? scraper->sources[i].every_us : scraper->every_us;
		shortest = shortest == 0 || us < shortest ? us : shortest;
		longest = us > longest ? us : longest;
	}
	if (box->launch.hang_after_us > 0 && box->launch.hang_after_us < shortest)
		diag_warning(a->diag, box->at, "hang_after = %s is shorter than the %s between two fetches: it will be restarted "
		    "for having nothing to say", duration_text(box->launch.hang_after_us, time), duration_text(shortest, every));
	if (scraper->stale_after_us > 0 && scraper->stale_after_us < longest)
		diag_warning(a->diag, box->at, "stale_after = %s is shorter than the %s between two fetches: prices will be stale "
		    "before they are fetched again", duration_text(scraper->stale_after_us, time), duration_text(longest, every));
}

static void
check_worker(struct adviser *a, const struct launch_box *box)
{
	if (box->launch.scraper == NULL)
		return;
	if (box->scraper.n_sources == 0)
		diag_warning(a->diag, box->at, "this scraper has no sources, so it fetches nothing");
	check_sites(a, box);
	check_bounds(a, box);
	check_times(a, box);
}

/* The delay before the n-th restart of a row, without jitter (S122); n counts from 1. */
static int64_t
delay_us(const struct backoff_spec *b, uint64_t n)
{
	int64_t d = b->min_us;

	if (b->first_at_once && n-- == 1)
		return 0;
	for (; n > 1 && d < b->max_us && b->factor > 1; n--)
		d = d > b->max_us / b->factor ? b->max_us : d * b->factor;
	return d < b->max_us ? d : b->max_us;
}

/* Failures in time_us, of a row that begins at its start: the first one is at once. */
static uint64_t
row_failures(const struct backoff_spec *b, int64_t time_us, uint64_t enough)
{
	int64_t d, last = -1;
	uint64_t n = 1;

	while (n < enough) {
		d = delay_us(b, n);
		if (d == last && d > 0) /* it grows no more */
			return n + (uint64_t)(time_us / d) < enough ? n + (uint64_t)(time_us / d) : enough;
		if (d > time_us)
			break;
		time_us -= d;
		last = d;
		n++;
	}
	return n;
}

#define ROWS_TRIED 40

/*
 * Either one row, or rows of k failures each with a life of reset_after between
 * them, which makes the delays short again.
 */
uint64_t
advise_failures(const struct backoff_spec *b, int64_t period_us, uint64_t enough)
{
	int64_t row_us = 0, left, join_us;
	uint64_t best, k, rows, n;

	if (!b->enabled)
		return enough;
	best = row_failures(b, period_us, enough);
	for (k = 1; k <= ROWS_TRIED && row_us <= period_us && best < enough; k++) {
		join_us = delay_us(b, k) + b->reset_after_us;
		rows = 1 + (uint64_t)((period_us - row_us) / (row_us + join_us));
		n = rows * k;
		left = period_us - (int64_t)rows * row_us - (int64_t)(rows - 1) * join_us;
		if (left >= join_us)
			n += row_failures(b, left - join_us, enough);
		if (n > best)
			best = n < enough ? n : enough;
		row_us += delay_us(b, k);
	}
	return best;
}

/* S125 */
static void
check_intensity(struct adviser *a, const struct sup_spec *sup, struct place at)
{
	const uint64_t enough = (uint64_t)sup->intensity + 1;
	char period[DURATION_TEXT_SIZE];
	uint64_t n = 0;
	size_t i;

	if (sup->intensity == INTENSITY_INFINITY || sup->n_children == 0)
		return;
	for (i = 0; i < sup->n_children && n < enough; i++)
		if (sup->children[i]->restart != RESTART_TEMPORARY)
			n += advise_failures(&sup->children[i]->backoff, sup->period_us, enough);
	if (n < enough)
		diag_warning(a->diag, at,
		    "intensity = %u within %s cannot be exceeded: with their backoff its children can fail at most %llu "
		    "times in that time", sup->intensity, duration_text(sup->period_us, period), (unsigned long long)n);
}

static struct place
place_of(const struct child_spec *spec)
{
	const struct sup_info *info;
	const struct launch_box *box;

	if (spec->type == CHILD_SUPERVISOR) {
		info = spec->user;
		return info->at;
	}
	box = spec->user;
	return box->at;
}

static void
check_auto_shutdown(struct adviser *a, const struct sup_spec *sup, const struct child_spec *self, struct place at)
{
	bool significant = false;
	size_t i;

	if (sup->auto_shutdown == AUTO_SHUTDOWN_NEVER)
		return;
	if (self != NULL && self->restart == RESTART_PERMANENT)
		diag_warning(a->diag, at, "this supervisor is permanent: when auto_shutdown has ended it, it is started again");
	for (i = 0; i < sup->n_children; i++)
		significant |= sup->children[i]->significant;
	if (!significant)
		diag_warning(a->diag, at, "auto_shutdown has no effect here: no child is significant");
	for (i = 0; significant && i < sup->n_children; i++) {
		if (sup->children[i]->restart != RESTART_PERMANENT)
			continue;
		diag_warning(a->diag, place_of(sup->children[i]),
		    "this child is permanent, but auto_shutdown in its supervisor ends it with the significant ones");
		break; /* one is said for all */
	}
}

static void
check_supervisor(struct adviser *a, const struct sup_spec *sup, const struct child_spec *self, struct place at)
{
	const struct child_spec *spec;
	const void *last = NULL;
	size_t i;

	check_intensity(a, sup, at);
	check_auto_shutdown(a, sup, self, at);
	/* S11 */
	if (self != NULL && self->shutdown_ms != SHUTDOWN_INFINITY)
		diag_warning(a->diag, at, "a supervisor with a limited 'shutdown' kills children that would still end as told");
	for (i = 0; i < sup->n_children; i++) {
		spec = sup->children[i];
		if (spec->type == CHILD_SUPERVISOR)
			check_supervisor(a, spec->sup, spec, place_of(spec));
		else if (spec->user != last) /* once for all instances */
			check_worker(a, spec->user);
		last = spec->user;
	}
}

void
advise(const struct config *c, struct diag *diag)
{
	struct adviser a = { diag, ARENA_INIT, STRMAP_INIT, STRMAP_INIT };

	check_supervisor(&a, &c->root, NULL, (struct place){ 1, 1 });
	strmap_release(&a.sites);
	strmap_release(&a.owners);
	arena_release(&a.arena);
}

/* What a hard limit may be raised to: root is bound by the kernel's own bound of open files alone. */
static uint64_t
highest_limit(int resource)
{
	unsigned long long n = UINT64_MAX;
	struct rlimit limit;
	FILE *f;

	if (geteuid() != 0)
		return getrlimit(resource, &limit) == -1 || limit.rlim_max == RLIM_INFINITY ?
			   UINT64_MAX : limit.rlim_max;
	if (resource != RLIMIT_NOFILE || (f = fopen("/proc/sys/fs/nr_open", "re")) == NULL)
		return UINT64_MAX;
	if (fscanf(f, "%llu", &n) != 1)
		n = UINT64_MAX;
	fclose(f);
	return n;
}

static const char *
limit_name(int resource)
{
	const struct schema_word *w;
	size_t i;

	for (i = 0; (w = schema_word(SECTION_LIMIT, i)) != NULL; i++)
		if (w->min == resource)
			return w->word;
	return "?";
}

void
advise_limits(const struct config *c, struct diag *diag)
{
	const struct launch_box *box;
	const struct agent_rlimit *r;
	uint64_t highest;
	uint32_t i;

	for (box = config_data(c)->launches; box != NULL; box = box->next) {
		for (i = 0; i < box->launch.n_rlimits; i++) {
			r = &box->launch.rlimits[i];
			highest = highest_limit(r->resource);
			if (r->hard > highest)
				diag_warning(diag, box->at, "the limit '%s' is above %llu, which is the most that can be had "
				    "here: the child will not start", limit_name(r->resource),
				    (unsigned long long)highest);
		}
	}
}
