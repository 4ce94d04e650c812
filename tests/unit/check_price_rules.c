/* Rules: what each kind selects, what is wrong with a bad one, and what bounds them (P21, P38, P39). */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/extract.h"
#include "price/extract_rule.h"
#include "price/nest.h"
#include "unit.h"

/* The elements of a page as a tree: how tags that were left out are put in. */
static const struct {
	const char *rule, *html, *tree;
} trees[] = {
	{ "P35: nothing around it", "<b>x</b>", "html(body(b))" },
	{ "P35: text first", "x<b>", "html(body(b))" },
	{ "P35: a comment and a doctype first", " <!-- x --><!DOCTYPE html> <html><p>", "html(body(p))" },
	{ "P35: head and body are implied", "<title>x</title><meta><div>", "html(head(title meta) body(div))" },
	{ "P35: several heads", "<head></head><head><title>x</title></head><body><p>", "html(head title body(p))" },
	{ "P35: a second body", "<body><p>x<body><b>", "html(body(p(b)))" },
	{ "P35: between head and body", "<head><meta></head><script></script><body><p>", "html(head(meta) script body(p))" },
	{ "P35: noscript in the head", "<head><noscript><link></noscript><meta></head><body>", "html(head(noscript(link) meta) body)" },
	{ "P35: paragraphs", "<p>a<p>b<div>c</div>", "html(body(p p div))" },
	{ "P35: a button keeps its paragraph", "<p><button><div></div></button>", "html(body(p(button(div))))" },
	{ "P35: an end without a paragraph", "<div></p></div>", "html(body(div(p)))" },
	{ "P35: list items", "<ul><li>a<li><ul><li>b</ul><li>c</ul>", "html(body(ul(li li(ul(li)) li)))" },
	{ "P35: definitions", "<dl><dt>a<dd>b<dt>c</dl>", "html(body(dl(dt dd dt)))" },
	{ "P35: a table without its body", "<table><tr><td>a<td>b<tr><td>c</table><p>",
	    "html(body(table(tbody(tr(td td) tr(td))) p))" },
	{ "P35: cells only", "<table><td>a</table>", "html(body(table(tbody(tr(td)))))" },
	{ "P35: groups", "<table><thead><tr><th>a<tbody><tr><td>b</table>",
	    "html(body(table(thead(tr(th)) tbody(tr(td)))))" },
	{ "P35: a table in a cell", "<table><tr><td><table><tr><td>a</table><td>b</table>",
	    "html(body(table(tbody(tr(td(table(tbody(tr(td)))) td)))))" },
	{ "P35: cells without a table", "<td>a</td><td>b</td>", "html(body(td td))" },
	{ "P35: a cell is not left", "<div><table><td></div><b></b></table></div>", "html(body(div(table(tbody(tr(td(b)))))))" },
	{ "P35: options", "<select><option>a<option>b<optgroup><option>c</select>", "html(body(select(option option optgroup(option))))" },
	{ "P35: void elements have no end", "<br><img></img><input>x</br><hr>", "html(body(br img input hr))" },
	{ "P35: no element ends itself", "<div/><b>", "html(body(div(b)))" },
	{ "P35: but in SVG", "<svg><path/><g></g></svg><b>", "html(body(svg(path g) b))" },
	{ "P35: misnested", "<div><span></div></span><b>", "html(body(div(span) b))" },
	{ "P35: ends of nothing", "</div></b><b></i></b></body></html><p>", "html(body(b p))" },
	{ "P35: a form in a form", "<form><form><b></form><i>", "html(body(form(b) i))" },
	{ "P35: links do not nest", "<a><b>x<a>", "html(body(a(b) a))" },
	{ "P35: headings do not nest", "<h1>a<h2>b</h3><p>", "html(body(h1 h2 p))" },
	{ "P35: names of any length and case", "<My-Very-Long-Element><B></my-very-long-ELEMENT><i>",
	    "html(body(my-very-long-element(b) i))" },
};

struct writer {
	struct buf out;
	bool opened; /* just now */
};

static bool
write_open(void *arg, unsigned depth, const struct tag *tag)
{
	struct writer *w = arg;
	size_t i;

	if (depth > 0)
		buf_xaddc(&w->out, w->opened ? '(' : ' ');
	for (i = 0; i < tag->name.len; i++)
		buf_xaddc(&w->out, (char)(tag->name.p[i] | (tag->name.p[i] >= 'A' && tag->name.p[i] <= 'Z' ? 0x20 : 0)));
	w->opened = true;
	return true;
}

static bool
write_close(void *arg, unsigned depth, const struct nest_element *e, const char *end)
{
	struct writer *w = arg;

	(void)depth;
	ck_assert(end >= e->content);
	if (!w->opened)
		buf_xaddc(&w->out, ')');
	w->opened = false;
	return true;
}

START_TEST(tree)
{
	static const struct nest_ops ops = { write_open, write_close, NULL, NULL };
	struct writer w = { .out = BUF_INIT(0) };
	struct nest *n = xmalloc(sizeof(*n));

	nest_run(n, trees[_i].html, strlen(trees[_i].html), &ops, &w);
	ck_assert_msg(strcmp(w.out.data, trees[_i].tree) == 0, "%s: %s", trees[_i].rule, w.out.data);
	ck_assert(!n->limit);
	buf_release(&w.out);
	free(n);
}
END_TEST

static const char shop[] =
    "<!DOCTYPE html><html lang=en-GB><head><title>Cam</title><meta itemprop=price content=\"1.500\"></head>"
    "<body class=\"product Big\"><div id=main data-sku='a&amp;b'>"
    "<p class=\"price old\">&pound;10.00</p>"
    "<p class='price now'>now <span>&pound;</span><b>11</b><sup>50</sup> <small>was <del>&pound;12</del></small></p>"
    "<ul><li>none<li class=Price>&pound;13<li lang=en-US TITLE=x>&pound;14</ul>"
    "<table><tr><td>a<td>&pound;15<tr><td>b<td>&pound;16</table>"
    "<input type=HIDDEN name=p value=17.5><i data-price=18.25></i>"
    "<a class='md:w-1/2' href=x>&pound;19</a><em>text <i>&pound;20</i> &pound;21</em>"
    "</div><h1>&pound;22</h1></body></html>";

static const struct {
	const char *rule, *css, *amount;
} selectors[] = {
	{ "P21: a type", "li", "13" },
	{ "P21: types have no case", "LI", "13" },
	{ "P21: a class", ".now", "11.50" },
	{ "P21: classes have a case", ".Price", "13" },
	{ "P21: two classes", ".price.now", "11.50" },
	{ "P21: a class is a word", ".ow", NULL },
	{ "P21: an id", "#main", "11.50" },
	{ "P21: ids have a case", "#Main", NULL },
	{ "P21: type and class", "p.now", "11.50" },
	{ "P21: a descendant", "body li.Price", "13" },
	{ "P21: a child", "body > h1", "22" },
	{ "P21: no child", "body > p", NULL },
	{ "P21: a chain", ".product #main > ul > li", "13" },
	{ "P21: what was left out is there", "html > body > div > table > tbody > tr > td:nth-of-type(2)", "15" },
	{ "P21: the second row", "tr:nth-of-type(2) td + td", "16" },
	{ "P21: nth of its type", "p:nth-of-type(2)", "11.50" },
	{ "P21: nth of any type", "#main > :nth-of-type(2)", "11.50" },
	{ "P21: nth as a formula", "li:nth-of-type(2n+3)", "14" },
	{ "P21: nth odd and even", "li:nth-of-type(even)", "13" },
	{ "P21: nth from the front", "li:nth-of-type(-n+1)", NULL },
	{ "P21: nth child", "#main > :nth-child(3) li:nth-child( 3 )", "14" },
	{ "P21: the first child", "td:first-child + td", "15" },
	{ "P21: the first of its type", "p:first-of-type", "10.00" },
	{ "P21: a sibling behind", ".old ~ h1, .old ~ a", "19" },
	{ "P21: an attribute", "[title]", "14" },
	{ "P21: attributes have no case", "[TITLE=x]", "14" },
	{ "P21: an attribute's value has a case", "[title=X]", NULL },
	{ "P21: unless it is told", "[title=X i]", "14" },
	{ "P21: or HTML says so", "input[type=hidden]", "17.5" },
	{ "P21: not so if told", "input[type=hidden s]", NULL },
	{ "P21: a word of a value", "[class~=Price]", "13" },
	{ "P21: a value and a dash", "li[lang|=en]", "14" },
	{ "P21: the beginning of a value", "[class^='md:']", "19" },
	{ "P21: the end", "[class$='1/2']", "19" },
	{ "P21: a part", "[class*=\":w-\"]", "19" },
	{ "P21: an empty part is nowhere", "[class*='']", NULL },
	{ "P21: references in values", "[data-sku='a&b'] h1, [data-sku='a&b'] > a", "19" },
	{ "P21: escapes", ".md\\:w-1\\/2", "19" },
	{ "P21: escapes by number", ".\\6d d\\3aw-1\\00002f 2", "19" },
	{ "P21: not", "p:not(.old)", "11.50" },
	{ "P21: none of several", "p:not(.old, .now), h1", "22" },
	{ "P21: a list, in the order of the page", "h1, .now, li", "11.50" },
	{ "P21: all", "*", "11.50" },
	{ "P21: an attribute is taken", "i::attr(data-price)", "18.25" },
	{ "P21: the short form", "i@data-price", "18.25" },
	{ "P21: with a blank", "#main > i @data-price", "18.25" },
	{ "P21: each of a list takes its own", "b::attr(x), i@data-price, h1", "18.25" },
	{ "P9: content= is of a machine", "meta::attr(content)", "1.500" },
	{ "P26: a void element has but its value", "meta[itemprop=price]", "1.500" },
	{ "P26: so has an input", "input", "17.5" },
	{ "P21: its own text", "em::text", "21" },
	{ "P21: all text in it", "em ::text", "20" },
	{ "P10: cents, and what it cost before", ".now", "11.50" },
	{ "P21: comments are nothing", "/* a */ #main /**/ > i@data-price /* b */", "18.25" },
	{ "P21: an attribute with a colon", "[v:x], i@v:y, h1", "22" },
	{ "P21: nothing", "h4", NULL },
};

static const struct {
	const char *rule, *xpath, *amount;
} paths[] = {
	{ "P21: elements", "//li", "13" },
	{ "P21: attributes in tests", "//p[@class='price now']", "11.50" },
	{ "P21: words in tests", "//p[contains(concat(' ', @class, ' '), ' now ')]", "11.50" },
	{ "P21: references are decoded", "//div[@data-sku='a&b']/h1 | //h1", "22" },
	{ "P21: text in tests", "//*[text()='a']/following-sibling::td", "15" },
	{ "P21: signs in tests", "//td[contains(., '\xc2\xa3" "16')]", "16" },
	{ "P21: a path from the root", "/html/body/div/table/tbody/tr[2]/td[2]", "16" },
	{ "P21: names are in lower case", "//LI", NULL },
	{ "P21: by id", "id('main')/ul", "13" },
	{ "P21: an attribute", "//i/@data-price", "18.25" },
	{ "P9: content= is of a machine", "//meta/@content", "1.500" },
	{ "P26: a void element has but its value", "//meta[@itemprop='price']", "1.500" },
	{ "P26: so has an input", "//input", "17.5" },
	{ "P27: texts that follow each other are one", "//p[2]//text()", "11.50" },
	{ "P27: texts of its own", "//em/text()[2]", "21" },
	{ "P21: the first node with an amount", "//li | //h1", "13" },
	{ "P21: in the order of the page", "//h1 | //li", "13" },
	{ "P21: a string", "string(//h1)", "22" },
	{ "P21: a string that is worked on", "substring-after(//td[2], '1')", "5" },
	{ "P21: a number", "number(translate(//h1, translate(//h1, '0123456789.', ''), '')) - 1", "21" },
	{ "P21: a sum", "0.1 + 0.2", "0.3" },
	{ "P21: a number that is none", "number(//h1)", NULL },
	{ "P21: a truth is no price", "1 = 1", NULL },
	{ "P21: an axis", "//h1/preceding-sibling::div/child::p[last()]", "11.50" },
	{ "P21: the document", "/", "11.50" },
	{ "P21: nothing", "//h4", NULL },
	{ "P40: no document is fetched", "//h1[. = '&x;']", NULL },
};

static void
check_amount(const char *rule, const struct offer *o, const char *amount)
{
	char text[AMOUNT_TEXT_SIZE];

	if (amount == NULL) {
		ck_assert_msg(o->method == METHOD_NONE, "%s: %s", rule, o->money.raw);
		ck_assert_msg(o->none == NONE_NO_MATCH, "%s: %s", rule, reason_none_text(o->none));
		return;
	}
	ck_assert_msg(o->method == METHOD_RULE, "%s: %s", rule, reason_none_text(o->none));
	amount_text(&o->money.amount, 0, text);
	ck_assert_msg(strcmp(text, amount) == 0, "%s: %s", rule, text);
}

static void
extract(const struct rule_spec *spec, const char *body, size_t len, struct offer *o)
{
	struct page page = { .body = body, .len = len };
	struct matcher *matcher = matcher_new();
	struct err err = ERR_INIT;
	struct rule *rule = rule_compile_spec(matcher, spec, &err);

	ck_assert_msg(rule != NULL, "%s", err.msg);
	extract_page(&page, rule, o);
	rule_free(rule);
	matcher_free(matcher);
}

START_TEST(selector)
{
	struct offer o;

	extract(&(struct rule_spec){ .css = selectors[_i].css }, shop, strlen(shop), &o);
	check_amount(selectors[_i].rule, &o, selectors[_i].amount);
}
END_TEST

START_TEST(path)
{
	struct offer o;

	extract(&(struct rule_spec){ .xpath = paths[_i].xpath }, shop, strlen(shop), &o);
	check_amount(paths[_i].rule, &o, paths[_i].amount);
}
END_TEST

/* P2: XPath counts in floating point; what that cannot hold is no amount. */
START_TEST(p2_numbers_of_xpath)
{
	static const char *const numbers[] = { "123456789012345.25", "12345678901234567890", "1 div 0", "99999999999999 * 100" };
	struct offer o;
	size_t i;

	for (i = 0; i < ARRAY_LEN(numbers); i++) {
		extract(&(struct rule_spec){ .xpath = numbers[i] }, shop, strlen(shop), &o);
		ck_assert_msg(o.method == METHOD_NONE, "%s: %s", numbers[i], o.money.raw);
	}
	ck_assert_int_eq(o.none, NONE_TOO_MANY_DIGITS);
}
END_TEST

/* Expressions that are right. */
static const char *const right[] = { "a", "//a", "/", "a/b//c", "./a", "..", "@a", "@*", "a | b | c", "a[1][2]", "a[b][@c]",
	"child::a", "child :: a", "descendant-or-self::node()", "processing-instruction('x')", "text()", "comment()",
	"(//a)[1]", "(a | b)/c", "id('x')/a", "1 + 2 * 3", "- 1", "--1", "a - b", "a-b", "div div div", "or or or", "* * *",
	"mod mod 2 = 1 and 3 > 2 or 4 <= 5", "a[position() = last()]", "a[last()-1]", "normalize-space()",
	"substring('abc', 1, 2)", "concat('a', 'b', \"c\")", "not(a)", "count(//a) > 3", "string(a)", "a = 'x'", "1.5", ".5",
	"5.", "@xml:lang", "a [ 1 ] / b", " a ", "boolean(1)", "sum(a/b)", "translate(., ',', '.')", "a[not(@b) and c]",
	"//*[name()='v:price']" };

START_TEST(right_path)
{
	struct matcher *matcher = matcher_new();
	struct err err = ERR_INIT;
	struct rule *rule = rule_compile_spec(matcher, &(struct rule_spec){ .xpath = right[_i] }, &err);

	ck_assert_msg(rule != NULL, "%s: %s", right[_i], err.msg);
	rule_free(rule);
	matcher_free(matcher);
}
END_TEST

/* Where a bad rule is bad: line, column, a word of what is wrong. */
static const struct {
	const char *rule;
	enum rule_kind kind;
	const char *text;
	unsigned line, column;
	const char *what;
} bad[] = {
	{ "P21: PCRE2", RULE_REGEX, "a(b", 1, 4, "parenthesis" },
	{ "P21: PCRE2, lines", RULE_REGEX, "a\n\xc3\xa9[", 2, 3, "class" },
	{ "P39: \\C is no rule of ours", RULE_REGEX, "\\C", 1, 3, "" },
	{ "P39: nor is a call", RULE_REGEX, "a\n(?C1)b", 2, 1, "callouts" },
	{ "P39: by name", RULE_REGEX, "a(?C'x')", 1, 2, "callouts" },
	{ "P21: an empty pattern", RULE_REGEX, "", 1, 1, "empty" },
	{ "P21: no expression", RULE_XPATH, "", 1, 1, "expected" },
	{ "P21: an open bracket", RULE_XPATH, "//p[1", 1, 6, "']'" },
	{ "P21: an empty test", RULE_XPATH, "//p[]", 1, 5, "expected" },
	{ "P21: no step", RULE_XPATH, "//", 1, 3, "name" },
	{ "P21: no step behind it", RULE_XPATH, "a/", 1, 3, "name" },
	{ "P21: an unknown function", RULE_XPATH, "a[foo(.)]", 1, 3, "function 'foo'" },
	{ "P21: a function of another library", RULE_XPATH, "a[re:test(., 'x')]", 1, 3, "'re'" },
	{ "P21: too few arguments", RULE_XPATH, "contains(a)", 1, 1, "too few" },
	{ "P21: too many", RULE_XPATH, "not(a, b)", 1, 1, "too many" },
	{ "P21: no nodes", RULE_XPATH, "count('a')", 1, 7, "nodes" },
	{ "P21: no nodes to choose from", RULE_XPATH, "string(a)[1]", 1, 10, "nodes" },
	{ "P21: no nodes to go on from", RULE_XPATH, "string(a)/b", 1, 1, "nodes" },
	{ "P21: no nodes to join", RULE_XPATH, "a | 1", 1, 5, "nodes" },
	{ "P21: an unknown axis", RULE_XPATH, "a/up::b", 1, 3, "axis 'up'" },
	{ "P21: a prefix", RULE_XPATH, "//v:price", 1, 3, "name()" },
	{ "P21: a variable", RULE_XPATH, "$x", 1, 1, "variables" },
	{ "P21: a function where a step is", RULE_XPATH, "a/string()", 1, 3, "cannot stand" },
	{ "P21: an open string", RULE_XPATH, "a[. = 'x]", 1, 7, "end" },
	{ "P21: two values", RULE_XPATH, "a b", 1, 3, "not understood" },
	{ "P21: an operator at the end", RULE_XPATH, "a +", 1, 4, "expected" },
	{ "P21: no text", RULE_XPATH, "//a[. = '\xff']", 1, 10, "UTF-8" },
	{ "P21: a name that HTML has not", RULE_XPATH, "//pr\xc3\xads", 1, 5, "not understood" },
	{ "P21: a selector is no path", RULE_XPATH, "div.price > b::text", 1, 13, "axis" },
	{ "P21: a path in another line", RULE_XPATH, "//a\n  [", 2, 4, "expected" },
	{ "P21: no selector", RULE_CSS, "", 1, 1, "selector" },
	{ "P21: nothing behind the comma", RULE_CSS, ".a,", 1, 4, "selector" },
	{ "P21: no class", RULE_CSS, "p. x", 1, 3, "class" },
	{ "P21: a class with a digit", RULE_CSS, ".1a", 1, 2, "digit" },
	{ "P21: a value with a digit", RULE_CSS, "[a=1]", 1, 4, "digit" },
	{ "P21: an open bracket", RULE_CSS, "[a", 1, 3, "]" },
	{ "P21: an unknown operator", RULE_CSS, "[a!=b]", 1, 3, "*=" },
	{ "P21: an open string", RULE_CSS, "p[a='b]", 1, 5, "end" },
	{ "P21: an unknown class of elements", RULE_CSS, "p:hover", 1, 3, "':hover'" },
	{ "P21: what needs the end of a page", RULE_CSS, "p:last-child", 1, 3, ":nth-of-type" },
	{ "P21: a bad number", RULE_CSS, "p:nth-of-type(x)", 1, 15, "number" },
	{ "P21: nothing to take", RULE_CSS, "p::foo", 1, 2, "::attr" },
	{ "P21: what is behind it", RULE_CSS, "p::text b", 1, 9, "not understood" },
	{ "P21: nothing to begin with", RULE_CSS, "> p", 1, 1, "selector" },
	{ "P21: nothing to end with", RULE_CSS, "p >", 1, 4, "selector" },
	{ "P21: a namespace", RULE_CSS, "svg|a", 1, 4, "namespaces" },
	{ "P21: another line", RULE_CSS, "p,\n  %", 2, 3, "selector" },
	{ "P21: a pointer without its slash", RULE_POINTER, "a", 1, 1, "'/'" },
	{ "P21: a pointer with a bad escape", RULE_POINTER, "/a/~2", 1, 4, "~0" },
	{ "P21: and one at the end", RULE_POINTER, "/~", 1, 2, "~0" },
};

START_TEST(bad_rule)
{
	struct err err = ERR_INIT;
	unsigned line, column;
	size_t offset;

	ck_assert_msg(rule_check(bad[_i].kind, bad[_i].text, strlen(bad[_i].text), &offset, &err) == -1, "%s", bad[_i].rule);
	rule_place(bad[_i].text, offset, &line, &column);
	ck_assert_msg(line == bad[_i].line && column == bad[_i].column, "%s: %u:%u %s", bad[_i].rule, line, column, err.msg);
	ck_assert_msg(strstr(err.msg, bad[_i].what) != NULL, "%s: %s", bad[_i].rule, err.msg);
}
END_TEST

static struct buf
repeat(const char *before, const char *text, size_t n, const char *behind)
{
	struct buf b = BUF_INIT(0);
	size_t i;

	buf_xaddstr(&b, before);
	for (i = 0; i < n; i++)
		buf_xaddstr(&b, text);
	buf_xaddstr(&b, behind);
	return b;
}

/* P37, P38: what is deep, wide or tangled costs bounded time, and says so where something was left out. */
static const struct {
	const char *rule, *before, *text;
	size_t n;
	const char *behind, *css, *xpath;
	enum reason_none none; /* NONE_PRICE_FOUND: 7 is found */
} hostile[] = {
	{ "P37, P38: 200,000 elements inside each other", "<b id=x>7</b>", "<div>", 200000, "", "#x", NULL, NONE_PRICE_FOUND },
	{ "P38: what is deeper is not seen, and that is said", "", "<div>", 200000, "<b id=x>7</b>", "#x", NULL, NONE_LIMIT },
	{ "P38: behind it the page goes on", "<div>", "<div>", 100000, "", "#x", NULL, NONE_LIMIT },
	{ "P38: 100,000 attributes", "<p", " a=b", 20000, " id=y>7</p><b id=x>7</b>", "#x", NULL, NONE_PRICE_FOUND },
	{ "P38: 100,000 classes", "<p class='", "a ", 100000, "x'>7</p>", ".x", NULL, NONE_PRICE_FOUND },
	{ "P38: a million ends of nothing", "<li><td>", "<b></i></li>", 300000, "<b id=x>7", "#x", NULL, NONE_LIMIT },
	{ "P38: many types of children", "<div>", "<x1><x2></x2></x1><y></y>", 100000, "<b>7</b>", "div > b:nth-of-type(1)", NULL,
	    NONE_PRICE_FOUND },
	{ "P38: more found than is kept", "", "<p>x</p>", 10001, "<p>7</p>", "p", NULL, NONE_LIMIT },
	{ "P38: a cell that never ends", "<table>", "<tr><td>", 100000, "<td id=x>7", "#x", NULL, NONE_PRICE_FOUND },
	{ "P38: a tag that never ends", "<b id=x>7</b><p ", "a ", 200000, "", "#x", NULL, NONE_PRICE_FOUND },
	{ "P33: NULs do not cut the page", "", "<p>\x01</p>", 10, "<b id=x>7</b>", "#x", NULL, NONE_PRICE_FOUND },
	{ "P37: a deep page", "<b id=x>7</b>", "<div>", 200000, "", NULL, "//b[@id='x']", NONE_PRICE_FOUND },
	{ "P37: a deep page, all texts in it", "<b>7</b>", "<div>a", 200000, "", NULL, "//*[starts-with(., '7')]", NONE_PRICE_FOUND },
	{ "P38: an attribute of many", "<p", " a=b", 20000, " id=y></p><b id=x>7</b>", NULL, "//b[@id='x']", NONE_PRICE_FOUND },
	{ "P38: many attributes in one tag", "<b x=7", " a1 a2 a3 a4 a5 a6 a7 a8", 10000, ">", NULL, "//@x", NONE_PRICE_FOUND },
	{ "P38: more elements than are kept", "<b>7</b>", "<a>", 700000, "", NULL, "//b", NONE_LIMIT },
	{ "P38: more attributes than are kept", "<b>7</b>", "<p a b c>", 150000, "", NULL, "//b", NONE_LIMIT },
	{ "P38: many nodes in order", "<b>8</b>", "<p>x</p>", 9000, "<b>7</b>", NULL, "//b[2] | //p", NONE_PRICE_FOUND },
	{ "P38: more found than is kept", "", "<p>x</p>", 10001, "<p>7</p>", NULL, "//p", NONE_LIMIT },
	{ "P38: each with each", "", "<p>x</p>", 20000, "<b>7</b>", NULL, "//*[count(preceding::*) + count(following::*) < 0]",
	    NONE_LIMIT },
	{ "P33: NULs do not cut the tree", "", "<p>\x01</p>", 10, "<b id=x>7</b>", NULL, "//b", NONE_PRICE_FOUND },
};

START_TEST(hostile_page)
{
	struct buf b = repeat(hostile[_i].before, hostile[_i].text, hostile[_i].n, hostile[_i].behind);
	struct offer o;
	size_t i;

	for (i = 0; i < b.len; i++)
		b.data[i] = (char)(b.data[i] == '\x01' ? '\0' : b.data[i]);
	extract(&(struct rule_spec){ .css = hostile[_i].css, .xpath = hostile[_i].xpath }, b.data, b.len, &o);
	ck_assert_msg(o.none == hostile[_i].none, "%s: %s", hostile[_i].rule, reason_none_text(o.none));
	if (o.none == NONE_PRICE_FOUND)
		check_amount(hostile[_i].rule, &o, "7");
	buf_release(&b);
}
END_TEST

START_TEST(p21_the_first_rule_with_an_amount_wins)
{
	struct page page = { .body = shop, .len = strlen(shop) };
	struct matcher *matcher = matcher_new();
	struct rule *rule;
	struct offer o;

	rule = rule_compile_spec(matcher, &(struct rule_spec){ .css = "h4" }, NULL);
	rule = rule_append(rule, rule_compile_spec(matcher, &(struct rule_spec){ .regex = "1(6)", .css = "h1" }, NULL));
	rule = rule_append(rule, rule_compile(matcher, "17", NULL));
	extract_page(&page, rule, &o);
	check_amount("the second", &o, "6");
	ck_assert_str_eq(o.rule, "regex");
	rule_free(rule);
	ck_assert_ptr_null(rule_compile_spec(matcher, &(struct rule_spec){ .regex = NULL }, NULL));
	ck_assert_ptr_null(rule_compile_spec(matcher, &(struct rule_spec){ .regex = "a", .css = "," }, NULL));
	matcher_free(matcher);
}
END_TEST

/* P17, P18, P20: the page's own currency for a rule's amount; it may stand behind the head. */
#define PAGE_WITH(text, code)                                                                                          \
	"<body><p class=x>" text "</p><script type='application/ld+json'>{\"@type\":\"Product\",\"offers\":{\"price\":1,"         \
	"\"priceCurrency\":\"" code "\"}}</script>"
static const struct {
	const char *rule, *page, *currency;
	unsigned warnings;
} currencies[] = {
	{ "P18: a sign of several", PAGE_WITH("$5.25", "CAD"), "CAD", 0 },
	{ "P18: a sign that is not the page's", PAGE_WITH("\xc2\xa3" "5.25", "CAD"), NULL, WARN_AMBIGUOUS_CURRENCY },
	{ "P17: none beside the amount", PAGE_WITH("5.25", "CAD"), "CAD", 0 },
	{ "P17: another one beside it", PAGE_WITH("5.25 EUR</p><p>availability", "CAD"), "EUR", WARN_CURRENCY_CONFLICT },
	{ "P17: the same", PAGE_WITH("5.25 EUR", "EUR"), "EUR", 0 },
	{ "P18: a page that does not say", "<p class=x>$5.25</p>", NULL, WARN_AMBIGUOUS_CURRENCY },
};

START_TEST(currency_of_page)
{
	struct offer o;

	extract(&(struct rule_spec){ .css = ".x" }, currencies[_i].page, strlen(currencies[_i].page), &o);
	check_amount(currencies[_i].rule, &o, "5.25");
	ck_assert_msg((o.money.currency != NULL) == (currencies[_i].currency != NULL), "%s", currencies[_i].rule);
	if (o.money.currency != NULL)
		ck_assert_msg(strcmp(o.money.currency->code, currencies[_i].currency) == 0, "%s: %s", currencies[_i].rule,
		    o.money.currency->code);
	ck_assert_msg(o.warnings == currencies[_i].warnings, "%s: warnings %x", currencies[_i].rule, o.warnings);
}
END_TEST

/* P27: what is there twice, once for who does not see, is read once. */
START_TEST(p27_hidden_duplicates_in_rules)
{
	static const char page[] = "<p class=x><span aria-hidden=true>5.25 EUR</span><span style='display:none'>5.25 EUR</span></p>";
	struct offer o;

	extract(&(struct rule_spec){ .css = ".x" }, page, strlen(page), &o);
	check_amount("css", &o, "5.25");
	extract(&(struct rule_spec){ .xpath = "//p" }, page, strlen(page), &o);
	check_amount("xpath", &o, "5.25");
}
END_TEST

/* P21, P17: what a pattern cuts out of a script has the escapes of scripts. */
static const struct {
	const char *rule, *text, *amount, *currency;
} escapes[] = {
	{ "P17: a sign in front", "\\u20ac12.50", "12.50", "EUR" },
	{ "P17: a sign in front, as digits would be", "\\u20AC 12.50", "12.50", "EUR" },
	{ "P17: a sign behind", "12,50\\u00a0\\u20ac", "12.50", "EUR" },
	{ "P27: markup in a script", "<del>9 EUR<\\/del> <b class=\\'x\\'>12,50 \\u20ac<\\/b>", "12.50", "EUR" },
	{ "P17: one beyond the first plane is no sign", "\\ud83d\\ude00 12.50 EUR", "12.50", "EUR" },
	{ "P33: half of one", "\\ud83d 12.50 EUR", "12.50", "EUR" },
	{ "P17: references as well", "12.50 &euro;", "12.50", "EUR" },
};

START_TEST(p21_escapes_of_scripts)
{
	const char *currency = escapes[_i].currency;
	struct buf b = BUF_INIT(0);
	struct offer o;

	buf_xprintf(&b, "<script>a = {\"price\": \"%s\", x: 1}</script>", escapes[_i].text);
	extract(&(struct rule_spec){ .regex = "\"price\": \"(.*?)\"" }, b.data, b.len, &o);
	check_amount(escapes[_i].rule, &o, escapes[_i].amount);
	ck_assert_msg(o.money.currency != NULL && strcmp(o.money.currency->code, currency) == 0, "%s: %s", escapes[_i].rule,
	    o.money.raw);
	buf_release(&b);
}
END_TEST

/* P21: a name that stands for several groups. */
START_TEST(p21_groups_of_one_name)
{
	struct offer o;

	extract(&(struct rule_spec){ .regex = "(?J)(?:no (?<price>\\d+)|h1>(?<price>[^<]+))" }, shop, strlen(shop), &o);
	check_amount("the one that took part", &o, "22");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("rules");
	TCase *t = tcase_create("rules");

	tcase_add_loop_test(t, tree, 0, (int)ARRAY_LEN(trees));
	tcase_add_loop_test(t, selector, 0, (int)ARRAY_LEN(selectors));
	tcase_add_loop_test(t, path, 0, (int)ARRAY_LEN(paths));
	tcase_add_loop_test(t, right_path, 0, (int)ARRAY_LEN(right));
	tcase_add_test(t, p2_numbers_of_xpath);
	tcase_add_loop_test(t, bad_rule, 0, (int)ARRAY_LEN(bad));
	tcase_add_test(t, p21_the_first_rule_with_an_amount_wins);
	tcase_add_test(t, p21_groups_of_one_name);
	tcase_add_loop_test(t, p21_escapes_of_scripts, 0, (int)ARRAY_LEN(escapes));
	tcase_add_loop_test(t, currency_of_page, 0, (int)ARRAY_LEN(currencies));
	tcase_add_test(t, p27_hidden_duplicates_in_rules);
	tcase_add_loop_test(t, hostile_page, 0, (int)ARRAY_LEN(hostile));
	tcase_set_timeout(t, 20);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
