#include "config.h"

#include "scrape/confine.h"

#include <curl/curl.h>
#include <iconv.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/log.h"
#include "base/units.h"
#include "scrape/observe.h"

#define MIB (UINT64_C(1) << 20)
#define MEMORY (256 * MIB)	/* P38 */
#define MEMORY_A_FETCH (2 * MIB) /* a thread of the resolver, TLS, a page of usual size */
#define MEMORY_A_SOURCE 4096
#define MAX_BODY (8 * MIB)
#define TREE 24 /* times the page, at the most */

/* P32: glibc loads a module for each, when it is first used; and unloads it when nobody has it open. */
static void
load_charsets(void)
{
	static const char *const names[] = {
#define CHARSET(label, charset) charset,
#include "price/charset.def"
#undef CHARSET
	};
	const char *last = "";
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i], last) == 0)
			continue;
		last = names[i];
		(void)iconv_open("UTF-8", last); /* never closed */
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

void
confine_enter(struct confine *c, const struct confine_options *o)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	const char *readable[8];
	struct sandbox_options so = { .readable = readable,
		.memory = memory_for(o),
		.files = 1024 + 8 * o->concurrency,
		.violated = o->violated };
	size_t n = 0;

	c->new = true;
	if (o->off) {
		c->report = (struct sandbox_report){ .mode = SANDBOX_OFF };
		return;
	}
	/* Trusted certificates: one file, and a folder of links into these others. */
	if (curl->age >= CURLVERSION_SEVENTH && curl->cainfo != NULL)
		readable[n++] = curl->cainfo;
	if (curl->age >= CURLVERSION_SEVENTH && curl->capath != NULL)
		readable[n++] = curl->capath;
	if (getenv("SSL_CERT_FILE") != NULL)
		readable[n++] = getenv("SSL_CERT_FILE");
	if (getenv("SSL_CERT_DIR") != NULL)
		readable[n++] = getenv("SSL_CERT_DIR");
	readable[n++] = "/usr/share/ca-certificates";
	readable[n++] = "/usr/local/share/ca-certificates";
	readable[n] = NULL;
	load_charsets();
	tzset();
	sandbox_enter(&so, &c->report);
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
