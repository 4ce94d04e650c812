#include "scrape/extract_batch.h"

#include <errno.h>
#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <json-c/json_tokener.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "base/xalloc.h"

#define BATCH_DEPTH 16
#define RULES_KEPT 256 /* compiled; then all are dropped and the next ones kept */

/* Thousands of pages share a few rules. */
struct kept_rule {
	char *key;
	struct rule *rule;
};

struct batch {
	struct extractor *e;
	const struct extract_page_options *defaults;
	struct strmap rules; /* of struct kept_rule */
	unsigned long line;
};

static void
drop_rules(struct batch *b)
{
	const char *key;
	void *value;
	size_t i = 0;

	while (strmap_next(&b->rules, &i, &key, &value)) {
		struct kept_rule *kept = value;

		rule_free(kept->rule);
		free(kept->key);
		free(kept);
	}
	strmap_release(&b->rules);
	b->rules = (struct strmap)STRMAP_INIT;
}

/* What tells rules apart: their JSON. */
static struct rule *
find_rule(struct batch *b, const struct told *told, const char *key, struct err *err)
{
	struct kept_rule *kept = strmap_find(&b->rules, key);
	struct rule *rule;

	if (kept != NULL)
		return kept->rule;
	rule = told_compile(told, b->e->matcher, err);
	if (rule == NULL)
		return NULL;
	if (b->rules.n == RULES_KEPT)
		drop_rules(b);
	kept = xmalloc(sizeof(*kept));
	kept->key = xstrdup(key);
	kept->rule = rule;
	strmap_put(&b->rules, kept->key, kept);
	return rule;
}

/* The text of a member; NULL with err set if it is none. */
static const char *
member_text(struct json_object *value, const char *name, struct err *err)
{
	const char *text;

	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? "yes" : "no";
	if (!json_object_is_type(value, json_type_string)) {
		err_set(err, EINVAL, "%s: must be text", name);
		return NULL;
	}
	text = json_object_get_string(value);
	if (strlen(text) != (size_t)json_object_get_string_len(value)) {
		err_set(err, EINVAL, "%s: holds a NUL", name);
		return NULL;
	}
	return text;
}

/* Members that are not known are passed over, so that other programs may keep theirs there. */
static int
read_member(const char *name, struct json_object *value, struct told *told, struct err *err)
{
	struct err why = ERR_INIT;
	const char *text;

	if (value == NULL || !told_knows(name))
		return 0;
	text = member_text(value, name, err);
	if (text == NULL)
		return -1;
	if (told_set(told, name, text, &why) == -1)
		return err_set(err, why.code, "%s: %s", name, why.msg);
	return 0;
}

static int
read_rule(struct json_object *rule, struct told *told, struct err *err)
{
	struct json_object_iterator it, end;

	if (!json_object_is_type(rule, json_type_object))
		return err_set(err, EINVAL, "rule: must be an object");
	it = json_object_iter_begin(rule);
	end = json_object_iter_end(rule);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		if (read_member(json_object_iter_peek_name(&it), json_object_iter_peek_value(&it), told, err) == -1)
			return -1;
	}
	return 0;
}

static int
read_rules(struct json_object *rules, struct told *told, struct err *err)
{
	size_t i;

	told->n_rules = 0;
	if (!json_object_is_type(rules, json_type_array))
		return read_rule(rules, told, err);
	for (i = 0; i < json_object_array_length(rules); i++) {
		if (read_rule(json_object_array_get_idx(rules, i), told, err) == -1)
			return -1;
	}
	return 0;
}

static int
get_text(struct json_object *o, const char *name, const char **out, struct err *err)
{
	struct json_object *value;

	if (!json_object_object_get_ex(o, name, &value) || value == NULL)
		return 0;
	*out = member_text(value, name, err);
	return *out == NULL ? -1 : 0;
}

static void
bad_line(struct batch *b, const char *why)
{
	struct buf *out = &b->e->line;

	log_warnx("line %lu: %s", b->line, why);
	buf_clear(out);
	buf_xaddc(out, '{');
	json_put_uint(out, "line", b->line);
	json_put_str(out, "error", why);
	buf_xaddstr(out, "}\n");
	fwrite(out->data, 1, out->len, stdout);
}

/* What is wrong with a rule costs one page. */
static bool
extract_object(struct batch *b, struct json_object *o)
{
	struct extract_page_options page = *b->defaults;
	struct json_object *rule = NULL;
	struct err err = ERR_INIT;
	const char *file = NULL;

	if (get_text(o, "file", &file, &err) == -1 || get_text(o, "url", &page.url, &err) == -1 ||
	    get_text(o, "charset", &page.told.charset, &err) == -1 ||
	    get_text(o, "content_type", &page.content_type, &err) == -1) {
		bad_line(b, err.msg);
		return false;
	}
	if (file == NULL) {
		bad_line(b, "a line needs the member file");
		return false;
	}
	if (json_object_object_get_ex(o, "rule", &rule) && rule != NULL) {
		if (read_rules(rule, &page.told, &err) == 0 && page.told.n_rules > 0)
			page.rule = find_rule(b, &page.told, json_object_get_string(rule), &err);
		if (err.msg[0] != '\0') {
			extract_failed(b->e, file, page.url, "bad-rule", err.msg);
			return false;
		}
	}
	return extract_file(b->e, file, &page);
}

static bool
extract_line(struct batch *b, const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(BATCH_DEPTH);
	struct json_object *o;
	bool good = false;

	if (tokener == NULL)
		fatalx("json-c: out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = len < INT32_MAX ? json_tokener_parse_ex(tokener, line, (int)len) : NULL;
	json_tokener_free(tokener);
	if (json_object_is_type(o, json_type_object))
		good = extract_object(b, o);
	else
		bad_line(b, "no JSON object");
	json_object_put(o);
	return good;
}

bool
extract_batch(struct extractor *e, const struct extract_page_options *o, FILE *in)
{
	struct batch b = { .e = e, .defaults = o, .rules = STRMAP_INIT };
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	bool good = true;

	while ((n = getline(&line, &cap, in)) != -1) {
		b.line++;
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		if (n > 0)
			good = extract_line(&b, line, (size_t)n) && good;
	}
	if (ferror(in)) {
		log_warn("standard input");
		good = false;
	}
	free(line);
	drop_rules(&b);
	return good;
}
