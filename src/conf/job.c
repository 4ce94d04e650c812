#include "base/json.h"
#include "conf/config.h"

#define MS(us) ((us) / 1000)

/* P42, P43: what is not said is the header's. */
static void
put_judgement(struct buf *out, const char *min, const char *max, uint32_t jump_permille)
{
	if (min != NULL)
		json_put_str(out, "min", min);
	if (max != NULL)
		json_put_str(out, "max", max);
	if (jump_permille != 0)
		json_put_uint(out, "jump_permille", jump_permille == UINT32_MAX ? 0 : jump_permille);
}

static void
put_text(struct buf *out, const char *name, const char *text)
{
	if (text != NULL)
		json_put_str(out, name, text);
}

/* P21: what is not said is not there, for most sources say none of it. */
static void
put_rule(struct buf *out, const struct source *s)
{
	put_text(out, "xpath", s->xpath);
	put_text(out, "css", s->css);
	put_text(out, "pointer", s->pointer);
	put_text(out, "charset", s->charset);
	put_text(out, "decimal", s->decimal);
	put_text(out, "group", s->group);
	put_text(out, "sources", s->sources);
	if (s->allow_negative)
		json_put_bool(out, "allow_negative", true);
	if (s->magnitudes)
		json_put_bool(out, "magnitudes", true);
}

static void
put_source(struct buf *out, const struct source *s, int64_t every_us)
{
	buf_xaddc(out, '{');
	json_put_str(out, "type", "source");
	json_put_str(out, "id", s->id);
	json_put_str(out, "product", s->product != NULL ? s->product : s->id);
	json_put_str(out, "url", s->url);
	json_put_str(out, "pattern", s->pattern);
	put_rule(out, s);
	json_put_str(out, "currency", s->currency);
	json_put_str(out, "locale", s->locale);
	json_put_int(out, "every_ms", MS(s->every_us != 0 ? s->every_us : every_us));
	put_judgement(out, s->min, s->max, s->jump_permille);
	if (s->confirm != 0)
		json_put_uint(out, "confirm", s->confirm);
	if (s->allow_zero)
		json_put_bool(out, "allow_zero", true);
	buf_xaddstr(out, "}\n");
}

static void
put_policy(struct buf *out, const struct scraper *s)
{
	json_put_int(out, "every_ms", MS(s->every_us));
	json_put_uint(out, "jitter_permille", s->jitter_permille);
	json_put_int(out, "gap_ms", MS(s->gap_us));
	json_put_uint(out, "concurrency", s->concurrency);
	put_judgement(out, s->min, s->max, s->jump_permille);
	json_put_uint(out, "confirm", s->confirm);
	json_put_bool(out, "allow_zero", s->allow_zero);
	json_put_int(out, "timeout_ms", MS(s->timeout_us));
	json_put_int(out, "page_cpu_ms", MS(s->page_cpu_us));
	json_put_uint(out, "max_body", s->max_body);
	json_put_str(out, "user_agent", s->user_agent);
	json_put_str(out, "contact", s->contact);
	json_put_str(out, "proxy", s->proxy);
	json_put_bool(out, "allow_private", s->allow_private);
	json_put_bool(out, "robots", s->respect_robots);
	json_put_bool(out, "sandbox", s->sandbox);
	json_put_int(out, "die_after", s->die_after);
}

void
config_job_for(const struct child_spec *spec, const char *child, uint64_t token, const char *start, struct buf *out)
{
	const struct launch *l = config_launch(spec);
	size_t i;

	if (l == NULL || l->scraper == NULL)
		return;
	buf_xaddc(out, '{');
	json_put_str(out, "type", "job");
	json_put_int(out, "version", 1);
	if (child != NULL) {
		json_put_str(out, "child", child);
		json_put_uint(out, "token", token);
		json_put_str(out, "start", start);
	}
	put_policy(out, l->scraper);
	buf_xaddstr(out, "}\n");
	for (i = 0; i < l->scraper->n_sources; i++)
		put_source(out, &l->scraper->sources[i], l->scraper->every_us);
}

void
config_job(const struct child_spec *spec, struct buf *out)
{
	config_job_for(spec, NULL, 0, NULL, out);
}
