#include "hostile_pages.h"

#include <string.h>

#define MIB (1024ul * 1024)
#define BODY (8 * MIB - 4096) /* what still fits the default limit of a body */

static void
times(FILE *f, const char *text, unsigned long n)
{
	while (n-- > 0)
		fputs(text, f);
}

/* So many of it as fit. */
static void
fill(FILE *f, const char *text)
{
	times(f, text, BODY / strlen(text));
}

static const char price[] = "<p class=\"price\">\xc2\xa3"
			    "24.99</p>";
static const char jsonld[] = "<script type=\"application/ld+json\">{\"@type\":\"Product\",\"name\":\"P\",\"offers\":"
			     "{\"@type\":\"Offer\",\"price\":\"24.99\",\"priceCurrency\":\"GBP\"}}</script>";
static const char open_jsonld[] = "<script type=\"application/ld+json\">";

/* A page that is one text again and again, with something before and behind. */
static const struct {
	const char *name;
	const char *help;
	const char *before;
	const char *text;
	const char *behind;
	unsigned long n; /* 0: as many as fit */
} repeated[] = {
	{ "deep-div", "a million <div>s inside each other", "", "<div>", price, 1000000 },
	{ "deep-b", "formatting that is never closed", "", "<b><i><u>", price, 300000 },
	{ "deep-table", "tables in tables", "", "<table><tr><td>", price, 300000 },
	{ "deep-scope", "items in items", "", "<div itemscope itemprop=offers itemtype=http://schema.org/Offer>",
	    "<span itemprop=price>24.99</span>", 100000 },
	{ "deep-svg", "a drawing in a drawing", "", "<svg><g>", price, 500000 },
	{ "deep-p", "paragraphs that close each other", "", "<p>", price, 1000000 },
	{ "deep-a", "links that close each other", "", "<a href=x><div>", price, 400000 },
	{ "closing", "a million ends of nothing", "", "</div>", price, 1000000 },
	{ "misnested", "ends in the wrong order", "", "<b><p></b></p>", price, 500000 },
	{ "attributes", "a million attributes in a tag", "<div ", "a=b ", "class=price>24.99</div>", 1000000 },
	{ "attributes-many", "a thousand tags of two thousand", "", "<p a b c d e f g h i j k l m n o p q r s t u v w x>", price,
	    100000 },
	{ "big-tag", "one tag of 100 MB", "<div title=\"", "0123456789abcdef", "\">", 6553600 },
	{ "big-attribute", "an attribute of 8 MB", "<div class=\"price ", "x y z ", "\">24.99</div>", 0 },
	{ "endless-tag", "a tag that does not end", "<div ", "a ", "", 0 },
	{ "endless-quote", "quotes that do not end", "", "<a href=\"", "", 0 },
	{ "endless-comment", "comments that do not end", "", "<!-- ", "", 0 },
	{ "endless-comment2", "comments that hardly begin", "", "<!-<!--", "", 0 },
	{ "endless-script", "scripts that do not end", "", "<script>", "", 0 },
	{ "endless-jsonld", "JSON-LD that does not end", "", "<script type=\"application/ld+json\">{", "", 0 },
	{ "endless-title", "titles that do not end", "", "<title>", "", 0 },
	{ "endless-cdata", "CDATA that does not end", "", "<![CDATA[", "", 0 },
	{ "endless-pi", "instructions that do not end", "", "<?", "", 0 },
	{ "endless-textarea", "textareas that do not end", "", "<textarea>", "", 0 },
	{ "endless-select", "selects that do not end", "", "<select><option>", "", 0 },
	{ "lt", "nothing but <", "", "<", "", 0 },
	{ "gt", "nothing but >", "", ">", "", 0 },
	{ "amp", "nothing but &", price, "&", "", 0 },
	{ "amp-long", "references that do not end", "<p class=price>", "&aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "", 0 },
	{ "amp-number", "a number that does not end", "<p class=price>&#", "9", ";", 0 },
	{ "blanks", "nothing but blanks", "<p class=price>", " ", "", 0 },
	{ "lines", "nothing but line ends", "<p class=price>", "\n", "", 0 },
	{ "quotes", "nothing but quotes", "<p ", "\"'", ">", 0 },
	{ "slashes", "nothing but slashes", "<p ", "/", ">", 0 },
	{ "digits", "a number of 8 MB", "<p class=price>", "1", "</p>", 0 },
	{ "separators", "a number of separators", "<p class=price>", "1.1,", "</p>", 0 },
	{ "grouped", "a grouped number without end", "<p class=price>1", ",000", "</p>", 0 },
	{ "signs", "nothing but currency signs", "<p class=price>", "$\xe2\x82\xac", "</p>", 0 },
	{ "ranges", "a range without end", "<p class=price>", "$1 - ", "</p>", 0 },
	{ "was-now", "was and now without end", "<p class=price>", "was $9 now $8 ", "</p>", 0 },
	{ "marks", "bidi marks and zero-width characters", "<p class=price>", "\xe2\x80\x8e\xe2\x80\x8b", "24.99</p>", 0 },
	{ "continuations", "UTF-8 that only goes on", price, "\x80", "", 0 },
	{ "candidates", "200,000 prices for people", "", "<p class=price>$1.00</p>", "", 200000 },
	{ "candidates-differ", "prices that all differ in place", "", "<div class=price><b>$1</b><i>2</i></div>", "", 100000 },
	{ "metas", "prices in metas", "", "<meta property=\"product:price:amount\" content=\"x\">", "", 150000 },
	{ "itemprops", "prices in microdata without an item", "", "<i itemprop=price content=x></i>", "", 200000 },
	{ "items", "a hundred thousand products",
	    "", "<div itemscope itemtype=http://schema.org/Product><i itemprop=name>x</i></div>", "", 100000 },
	{ "itemrefs", "items that refer to each other",
	    "", "<div itemscope itemref='a b c a b c' id=a itemprop=offers><i id=b itemprop=x></i></div>", "", 80000 },
	{ "rdfa", "RDFa in RDFa", "", "<div vocab=http://schema.org/ typeof=Product property=offers>", price, 100000 },
	{ "v-rdfa", "the old vocabulary", "", "<span property=\"v:price\">x</span>", "", 200000 },
	{ "availability", "words of availability", "<div itemscope><p>", "not available in stock sold out ", "</p></div>", 0 },
	{ "json-blocks", "JSON-LD a million times", "", "<script type=application/ld+json>{}</script>", "", 1000000 },
	{ "json-blocks-bad", "bad JSON-LD, again and again", "", "<script type=application/ld+json>{]</script>", "", 150000 },
	{ "json-deep", "arrays in arrays", open_jsonld, "[", "</script>", 1000000 },
	{ "json-deep-objects", "objects in objects", open_jsonld, "{\"offers\":", "</script>", 500000 },
	{ "json-huge-text", "a text of 8 MB", "<script type=application/ld+json>{\"name\":\"", "\\u0041", "\"}</script>", 0 },
	{ "json-offers", "offers without end",
	    "<script type=application/ld+json>{\"@type\":\"Product\",\"offers\":[", "{\"@type\":\"Offer\",\"price\":\"24.99\"},",
	    "{}]}</script>", 60000 },
	{ "json-graph", "nodes that refer to the next",
	    "<script type=application/ld+json>{\"@graph\":[", "{\"@type\":\"Product\",\"@id\":\"a\",\"offers\":{\"@id\":\"a\"}},",
	    "{}]}</script>", 40000 },
	{ "json-commas", "commas to repair", "<script type=application/ld+json>{\"a\":[", ",", "]}</script>", 2000000 },
	{ "json-comments", "comments to repair", "<script type=application/ld+json>{", "/* */", "\"a\":1}</script>", 400000 },
	{ "json-members", "an object of many members", "<script type=application/ld+json>{\"@type\":\"Product\"",
	    ",\"price\":1", "}</script>", 180000 },
	{ "json-digits", "a number of 2 MB", "<script type=application/ld+json>{\"@type\":\"Offer\",\"price\":", "7", "}</script>",
	    1900000 },
	{ "json-exponent", "an exponent without end", "<script type=application/ld+json>{\"@type\":\"Offer\",\"price\":1e", "9",
	    "}</script>", 1000000 },
	{ "ids", "elements with the same id", "", "<i id=x class=price>1</i>", "", 200000 },
	{ "classes", "classes without end", "", "<i class='a b c d e f g h price i j k l'>1</i>", "", 150000 },
	{ "entities", "references that are right", "<p class=price>", "&euro;", "24.99</p>", 0 },
	{ "doctype", "document types", "", "<!DOCTYPE html [<!ENTITY a \"b\">]>", price, 200000 },
	{ "bases", "charsets without end", "", "<meta charset=utf-16>", price, 300000 },
	{ "catastrophe", "text for patterns that explode", "<p>", "a", "!</p>", 0 },
};

static void
put_nuls(FILE *f)
{
	unsigned long i;

	for (i = 0; i < 4 * MIB; i++)
		putc('\0', f);
	fputs(jsonld, f);
	for (i = 0; i < 3 * MIB; i++)
		putc('\0', f);
}

/* Each entity stands for ten of the one before. */
static void
put_entity_bomb(FILE *f)
{
	unsigned i, k;

	fputs("<?xml version=\"1.0\"?>\n<!DOCTYPE html [\n<!ENTITY e0 \"24.99\">\n", f);
	for (i = 1; i < 12; i++) {
		fprintf(f, "<!ENTITY e%u \"", i);
		for (k = 0; k < 10; k++)
			fprintf(f, "&e%u;", i - 1);
		fputs("\">\n", f);
	}
	fputs("<!ENTITY file SYSTEM \"file:///etc/passwd\"><!ENTITY % net SYSTEM \"http://127.0.0.1:9/x.dtd\"> %net;\n]>\n"
	      "<html><body><p class=\"price\">&e11;&file;</p></body></html>\n",
	    f);
}

/* JSON that does not repeat itself, so that no short cut helps. */
static void
put_huge_json(FILE *f)
{
	unsigned long i;

	fputs(open_jsonld, f);
	fputs("{\"@type\":\"Product\",\"a\":{", f);
	for (i = 0; i < 300000; i++)
		fprintf(f, "\"k%lu\":[%lu],", i, i);
	fputs("\"z\":1},\"offers\":{\"price\":\"24.99\"}}</script>", f);
}

/* Each element inside the next, and all names differ. */
static void
put_names(FILE *f)
{
	unsigned long i;

	for (i = 0; i < 400000; i++)
		fprintf(f, "<x%lu id=i%lu>", i, i);
	fputs(price, f);
}

/* UTF-16 that is cut in the middle. */
static void
put_utf16(FILE *f)
{
	unsigned long i;

	fputs("\xff\xfe", f);
	for (i = 0; i < 4 * MIB - 4; i++) {
		putc((i & 1) != 0 ? 0x00 : '<', f);
		putc((i & 1) != 0 ? 0xd8 : 0, f);
	}
	putc('x', f);
}

static void
put_noise(FILE *f)
{
	unsigned long i, x = 88172645463325252ul;

	for (i = 0; i < BODY; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		putc((int)(x & 0xff), f);
	}
}

static const struct {
	const char *name;
	const char *help;
	void (*put)(FILE *f);
} others[] = {
	{ "nuls", "a price between millions of NULs", put_nuls },
	{ "entity-bomb", "entities that stand for a terabyte", put_entity_bomb },
	{ "json-huge", "JSON-LD of 5 MB", put_huge_json },
	{ "names", "400,000 names of elements, inside each other", put_names },
	{ "utf16", "UTF-16, mostly wrong", put_utf16 },
	{ "noise", "8 MB of noise", put_noise },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

bool
hostile_page_put(const char *name, FILE *f)
{
	size_t i;

	for (i = 0; i < N(repeated); i++) {
		if (strcmp(repeated[i].name, name) != 0)
			continue;
		fputs(repeated[i].before, f);
		if (repeated[i].n == 0)
			fill(f, repeated[i].text);
		else
			times(f, repeated[i].text, repeated[i].n);
		fputs(repeated[i].behind, f);
		return true;
	}
	for (i = 0; i < N(others); i++) {
		if (strcmp(others[i].name, name) != 0)
			continue;
		others[i].put(f);
		return true;
	}
	return false;
}

const char *
hostile_page_at(unsigned i, const char **help)
{
	if (i < N(repeated)) {
		*help = repeated[i].help;
		return repeated[i].name;
	}
	i -= (unsigned)N(repeated);
	if (i < N(others)) {
		*help = others[i].help;
		return others[i].name;
	}
	return NULL;
}
