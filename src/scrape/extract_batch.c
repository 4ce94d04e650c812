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
#include "scrape/print.h"

#define BATCH_DEPTH 16
#define BATCH_LINE_MAX ((size_t)1 << 20)
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

static int
set_word(struct told *told, const char *name, const char *text, struct err *err)
{
	struct err why = ERR_INIT;

	if (told_set(told, name, text, &why) == -1)
		return err_set(err, why.code, "%s: %s", name, why.msg);
	return 0;
}

/* A list of words, as `sources' may be. */
static int
set_words(struct told *told, const char *name, struct json_object *list, struct err *err)
{
	struct buf words = BUF_INIT(0);
	const char *text = "";
	size_t i;
	int ret = -1;

	for (i = 0; i < json_object_array_length(list); i++) {
		text = member_text(json_object_array_get_idx(list, i), name, err);
		if (text == NULL)
			goto out;
		buf_xprintf(&words, "%s ", text);
	}
	ret = set_word(told, name, words.data != NULL ? words.data : "", err);
out:
	buf_release(&words);
	return ret;
}

static int
read_member(const char *name, struct json_object *value, struct told *told, struct err *err)
{
	const char *text;

	if (told_is_switch(name) && json_object_is_type(value, json_type_boolean))
		return set_word(told, name, json_object_get_boolean(value) ? "yes" : "no", err);
	if (strcmp(name, "sources") == 0 && json_object_is_type(value, json_type_array))
		return set_words(told, name, value, err);
	text = member_text(value, name, err);
	return text != NULL ? set_word(told, name, text, err) : -1;
}

/*
 * Members that are not known are passed over, so that other programs may keep
 * theirs there; but not if nothing else says where the price is: then one is
 * misspelt.
 */
static int
read_rule(struct json_object *rule, struct told *told, struct err *err)
{
	struct json_object_iterator it, end;
	const char *name, *unknown = NULL;
	struct json_object *value;
	size_t n_rules = told->n_rules;

	if (!json_object_is_type(rule, json_type_object))
		return err_set(err, EINVAL, "rule: must be an object");
	it = json_object_iter_begin(rule);
	end = json_object_iter_end(rule);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		name = json_object_iter_peek_name(&it);
		value = json_object_iter_peek_value(&it);
		if (!told_knows(name))
			unknown = name;
		else if (value != NULL && read_member(name, value, told, err) == -1)
			return -1;
	}
	if (unknown != NULL && told->n_rules == n_rules)
		return err_set(err, EINVAL, "rule: '%s' is not known, expected regex, xpath, css or pointer", unknown);
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
	print_line(out);
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
	if (file == NULL || file[0] == '\0') {
		bad_line(b, "a line needs the member file");
		return false;
	}
	if (strcmp(file, "-") == 0) {
		bad_line(b, "file: standard input has the lines, and no page");
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

/* Why a line is no object, for people. */
static void
bad_json(struct batch *b, struct json_object *o, enum json_tokener_error error, size_t at)
{
	char why[128];

	if (o != NULL || error == json_tokener_success)
		snprintf(why, sizeof(why), "no JSON object");
	else if (error == json_tokener_continue)
		snprintf(why, sizeof(why), "no JSON object: it ends too early");
	else
		snprintf(why, sizeof(why), "no JSON object: %s, at byte %zu", json_tokener_error_desc(error), at + 1);
	bad_line(b, why);
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
	o = json_tokener_parse_ex(tokener, line, (int)len);
	if (json_object_is_type(o, json_type_object))
		good = extract_object(b, o);
	else
		bad_json(b, o, json_tokener_get_error(tokener), json_tokener_get_parse_end(tokener));
	json_tokener_free(tokener);
	json_object_put(o);
	return good;
}

/* The next line without its end, a byte more than BATCH_LINE_MAX of it at most; false at the end of all. */
static bool
read_line(FILE *in, struct buf *line)
{
	int c;

	buf_clear(line);
	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		if (line->len <= BATCH_LINE_MAX)
			buf_xaddc(line, (char)c);
	}
	return c != EOF || line->len > 0;
}

bool
extract_batch(struct extractor *e, const struct extract_page_options *o, FILE *in)
{
	static const char mark[] = "\xef\xbb\xbf";
	struct batch b = { .e = e, .defaults = o, .rules = STRMAP_INIT };
	struct buf line = BUF_INIT(0);
	bool good = true;
	size_t skip;

	while (!ferror(stdout) && read_line(in, &line)) {
		b.line++;
		skip = b.line == 1 && line.len >= 3 && memcmp(line.data, mark, 3) == 0 ? 3 : 0;
		while (line.len > skip && line.data[line.len - 1] == '\r')
			line.len--;
		if (line.len > BATCH_LINE_MAX) {
			bad_line(&b, "longer than 1 MiB");
			good = false;
		} else if (line.len > skip) {
			good = extract_line(&b, line.data + skip, line.len - skip) && good;
		}
	}
	if (ferror(in)) {
		log_warn("standard input");
		good = false;
	}
	buf_release(&line);
	drop_rules(&b);
	return good;
}
