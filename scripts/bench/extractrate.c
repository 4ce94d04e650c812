/*
 * What one page costs, fetched already: microseconds of each way to its price.
 *
 *	extractrate PAGE PATTERN
 *
 * Prints "NAME US" a line; each the best of some rounds. pcre2: the pattern by
 * PCRE2's JIT on the bytes; pcre2-utf: with its own look at the UTF-8; rule:
 * ours; memmem-json: the first JSON-LD block found by memmem() and parsed by
 * json-c; automatic: ours, without a rule; tree: libxml2's; inflate: zlib's for
 * the same page in gzip.
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include <err.h>
#include <json-c/json_object.h>
#include <json-c/json_tokener.h>
#include <libxml/HTMLparser.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "price/extract.h"
#include "price/extract_rule.h"

#define ROUNDS 7
#define ROUND_US 150000

struct bench {
	const char *pattern;
	char *page, *packed;
	size_t len, packed_len;
	struct matcher *matcher;
	struct rule *rule;
	pcre2_code *code, *code_utf;
	pcre2_match_data *match;
};

typedef bool way_fn(struct bench *b);

static bool
way_pcre2(struct bench *b)
{
	return pcre2_match(b->code, (PCRE2_SPTR)b->page, b->len, 0, 0, b->match, NULL) > 0;
}

static bool
way_pcre2_utf(struct bench *b)
{
	return pcre2_match(b->code_utf, (PCRE2_SPTR)b->page, b->len, 0, 0, b->match, NULL) > 0;
}

static bool
way_extract(struct bench *b, struct rule *rule)
{
	struct page page = { .body = b->page, .len = b->len, .content_type = "text/html; charset=utf-8",
		.url = "https://shop.example/p", .today = "2026-11-22", .currency = "GBP", .named = rule != NULL };
	struct offer offer;

	extract_page(&page, rule, &offer);
	return offer.method != METHOD_NONE;
}

static bool
way_rule(struct bench *b)
{
	return way_extract(b, b->rule);
}

static bool
way_automatic(struct bench *b)
{
	return way_extract(b, NULL);
}

static bool
way_memmem_json(struct bench *b)
{
	static const char mark[] = "application/ld+json";
	const char *end = b->page + b->len, *p = memmem(b->page, b->len, mark, strlen(mark)), *q;
	struct json_tokener *tokener;
	struct json_object *o;

	if (p == NULL || (p = memchr(p, '>', (size_t)(end - p))) == NULL ||
	    (q = memmem(p, (size_t)(end - p), "</script", 8)) == NULL)
		return false;
	tokener = json_tokener_new();
	o = json_tokener_parse_ex(tokener, p + 1, (int)(q - p - 1));
	json_tokener_free(tokener);
	return json_object_put(o) == 1;
}

static bool
way_tree(struct bench *b)
{
	htmlDocPtr doc = htmlReadMemory(
	    b->page, (int)b->len, NULL, "utf-8", HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);

	xmlFreeDoc(doc);
	return doc != NULL;
}

static bool
way_inflate(struct bench *b)
{
	static unsigned char out[65536];
	z_stream z = { .next_in = (unsigned char *)b->packed, .avail_in = (unsigned)b->packed_len };
	int rc = inflateInit2(&z, 16 + MAX_WBITS);

	while (rc == Z_OK) {
		z.next_out = out;
		z.avail_out = sizeof(out);
		rc = inflate(&z, Z_NO_FLUSH);
	}
	inflateEnd(&z);
	return rc == Z_STREAM_END;
}

static const struct {
	const char *name;
	way_fn *run;
} ways[] = {
	{ "pcre2", way_pcre2 },
	{ "pcre2-utf", way_pcre2_utf },
	{ "rule", way_rule },
	{ "memmem-json", way_memmem_json },
	{ "automatic", way_automatic },
	{ "tree", way_tree },
	{ "inflate", way_inflate },
};

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double
best_of(struct bench *b, const char *name, way_fn *run)
{
	double best = 0, start, us;
	int round, n;

	for (round = 0; round < ROUNDS; round++) {
		start = now_us();
		for (n = 0; n == 0 || now_us() - start < ROUND_US; n++) {
			if (!run(b))
				errx(1, "%s: no price", name);
		}
		us = (now_us() - start) / n;
		if (round == 0 || us < best)
			best = us;
	}
	return best;
}

static void
read_page(struct bench *b, const char *path)
{
	FILE *f = fopen(path, "rb");
	z_stream z = { .next_in = NULL };

	b->page = malloc(1 << 24);
	b->packed = malloc(1 << 24);
	if (f == NULL || b->page == NULL || b->packed == NULL)
		err(1, "%s", path);
	b->len = fread(b->page, 1, 1 << 24, f);
	fclose(f);
	if (deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		errx(1, "zlib");
	z.next_in = (unsigned char *)b->page;
	z.avail_in = (unsigned)b->len;
	z.next_out = (unsigned char *)b->packed;
	z.avail_out = 1 << 24;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		errx(1, "zlib");
	b->packed_len = z.total_out;
	deflateEnd(&z);
}

static pcre2_code *
compile(const char *pattern, uint32_t options)
{
	PCRE2_SIZE offset;
	int error;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &error, &offset, NULL);

	if (code == NULL)
		errx(2, "the pattern is bad at %zu", offset);
	pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	return code;
}

int
main(int argc, char **argv)
{
	struct bench b = { .pattern = NULL };
	size_t i;

	if (argc != 3)
		errx(2, "usage: extractrate PAGE PATTERN");
	b.pattern = argv[2];
	read_page(&b, argv[1]);
	b.code = compile(b.pattern, 0);
	b.code_utf = compile(b.pattern, PCRE2_UTF);
	b.match = pcre2_match_data_create_from_pattern(b.code, NULL);
	b.matcher = matcher_new();
	b.rule = rule_compile(b.matcher, b.pattern, NULL);
	if (b.rule == NULL)
		errx(2, "the pattern is bad");
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		printf("%s %.2f\n", ways[i].name, best_of(&b, ways[i].name, ways[i].run));
	return 0;
}
