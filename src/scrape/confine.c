#include "config.h"

#include "scrape/confine.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "base/exitcode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/strvec.h"
#include "base/units.h"
#include "price/decode.h"
#include "scrape/observe.h"

#define MIB (UINT64_C(1) << 20)
#define MEMORY (256 * MIB)	/* P38 */
#define MEMORY_A_FETCH (2 * MIB) /* a thread of the resolver, TLS, a page of usual size */
#define MEMORY_A_SOURCE 4096
#define MAX_BODY (8 * MIB)
#define TREE 24 /* times the page, at the most */

void
confine_option(const char *word, bool *off)
{
	*off = strcmp(word, "off") == 0 || strcmp(word, "no") == 0;
	if (!*off && strcmp(word, "on") != 0 && strcmp(word, "yes") != 0) {
		log_warnx("--sandbox: not understood: %s", word);
		exit(EXITCODE_USAGE);
	}
}

static uint64_t
memory_for(const struct confine_options *o)
{
	uint64_t memory = MEMORY + o->sources * MEMORY_A_SOURCE;

	if (o->concurrency > 1)
		memory += (o->concurrency - 1) * (MEMORY_A_FETCH + o->max_body / 4);
	if (o->max_body > MAX_BODY)
		memory += (o->max_body - MAX_BODY) * TREE;
	return memory;
}

/*
 * What fetching reads late. Trusted certificates: one file, and a folder of
 * links into the others. The names under which anybody may have a site, by
 * which libcurl judges cookies.
 */
static void
add_fetching(struct strvec *readable, const char *cacert)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	const char *paths[] = { cacert, curl->age >= CURLVERSION_SEVENTH ? curl->cainfo : NULL,
		curl->age >= CURLVERSION_SEVENTH ? curl->capath : NULL, getenv("SSL_CERT_FILE"), getenv("SSL_CERT_DIR"),
		"/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/publicsuffix" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(paths); i++) {
		if (paths[i] != NULL)
			strvec_push(readable, paths[i]);
	}
}

static void
add_files(struct strvec *readable, char *const *files)
{
	if (files == NULL)
		strvec_push(readable, "/");
	for (; files != NULL && *files != NULL; files++)
		strvec_push(readable, *files);
}

void
confine_enter(struct confine *c, const struct confine_options *o)
{
	struct strvec readable = STRVEC_INIT;
	struct sandbox_options so = { .offline = o->offline,
		.read_on = o->offline,
		.memory = memory_for(o),
		.files = o->offline ? 0 : 1024 + 8 * o->concurrency,
		.violated = o->violated };

	c->new = true;
	if (o->off) {
		c->report = (struct sandbox_report){ .mode = SANDBOX_OFF };
		return;
	}
	if (o->offline)
		add_files(&readable, o->files);
	else
		add_fetching(&readable, o->cacert);
	so.readable = (const char *const *)readable.v;
	c->charsets = decode_preload();
	tzset();
	sandbox_enter(&so, &c->report);
	strvec_release(&readable);
}

void
confine_release(struct confine *c)
{
	decode_preload_free(c->charsets);
	c->charsets = NULL;
}

bool
confine_news(const struct confine *c)
{
	return c->new || sandbox_denied() != c->told;
}

void
confine_put_state(struct confine *c, struct buf *out)
{
	const struct sandbox_report *r = &c->report;
	struct buf value = BUF_INIT(0);

	c->new = false;
	c->told = sandbox_denied();
	buf_xaddc(&value, '{');
	json_put_str(&value, "mode", sandbox_mode_name(r->mode));
	if (r->mode != SANDBOX_OFF) {
		json_put_int(&value, "landlock", r->landlock);
		json_put_str(&value, "user", r->user);
		json_put_uint(&value, "denied", c->told);
		if (r->missing[0] != '\0')
			json_put_str(&value, "missing", r->missing);
		if (c->told > 0)
			json_put_str(&value, "last_denied", sandbox_last_denied());
	}
	buf_xaddc(&value, '}');
	observe_put_state(out, "", "sandbox", value.data);
	buf_release(&value);
}

void
confine_tell(struct confine *c)
{
	const struct sandbox_report *r = &c->report;

	if (c->new)
		log_info("sandbox: %s%s%s, Landlock ABI %d, user %s", sandbox_mode_name(r->mode),
		    r->missing[0] != '\0' ? " without " : "", r->missing, r->landlock, r->user);
	if (sandbox_denied() > c->told)
		log_info("sandbox: denied %" PRIu64 ", the last: %s", sandbox_denied(), sandbox_last_denied());
	c->new = false;
	c->told = sandbox_denied();
}
