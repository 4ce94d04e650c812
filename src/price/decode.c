#include "price/decode.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "price/entity.h"
#include "price/markup.h"
#include "price/reader.h"

#define SNIFF_MAX 1024 /* P32: how far a <meta charset> is looked for */

static const struct {
	const char *label;
	const char *charset;
} charsets[] = {
#define CHARSET(label, charset) { label, charset },
#include "price/charset.def"
#undef CHARSET
};

static const char *
charset_find(const char *label, size_t len)
{
	size_t i;

	for (; len > 0 && isspace((unsigned char)*label); len--)
		label++;
	while (len > 0 && isspace((unsigned char)label[len - 1]))
		len--;
	for (i = 0; i < ARRAY_LEN(charsets); i++) {
		if (strlen(charsets[i].label) == len && strncasecmp(charsets[i].label, label, len) == 0)
			return charsets[i].charset;
	}
	return NULL;
}

bool
decode_knows(const char *label)
{
	return charset_find(label, strlen(label)) != NULL;
}

const char *
content_type_charset(const char *content_type, size_t len, size_t *charset_len)
{
	const char *p = content_type, *end = p + len, *e;

	while ((p = memchr(p, ';', (size_t)(end - p))) != NULL) {
		for (p++; p < end && isspace((unsigned char)*p); p++)
			;
		if (end - p < 8 || strncasecmp(p, "charset", 7) != 0)
			continue;
		for (p += 7; p < end && isspace((unsigned char)*p); p++)
			;
		if (p == end || *p != '=')
			continue;
		for (p++; p < end && (isspace((unsigned char)*p) || *p == '"' || *p == '\''); p++)
			;
		for (e = p; e < end && !isspace((unsigned char)*e) && *e != ';' && *e != '"' && *e != '\''; e++)
			;
		*charset_len = (size_t)(e - p);
		return p;
	}
	return NULL;
}

static bool
is_utf16(const char *charset)
{
	return charset != NULL && strncmp(charset, "UTF-16", 6) == 0;
}

/* What a label says of a body that can be read byte by byte: then it is no UTF-16. */
static const char *
charset_of_label(const char *label, size_t len, bool readable, unsigned *warnings)
{
	const char *charset = charset_find(label, len);

	if (charset == NULL)
		*warnings |= WARN_UNKNOWN_CHARSET;
	return is_utf16(charset) && readable ? "UTF-8" : charset;
}

/* UTF-16 without its mark: a tag or a bracket at the start, every second byte zero. */
static const char *
charset_of_zeros(const char *body, size_t len)
{
	if (len < 4)
		return NULL;
	if (body[0] != '\0' && body[1] == '\0' && body[2] != '\0' && body[3] == '\0')
		return "UTF-16LE";
	if (body[0] == '\0' && body[1] != '\0' && body[2] == '\0' && body[3] != '\0')
		return "UTF-16BE";
	return NULL;
}

static const char *
charset_of_bom(const char *body, size_t len, size_t *skip)
{
	*skip = 2;
	if (len >= 2 && memcmp(body, "\xff\xfe", 2) == 0)
		return "UTF-16LE";
	if (len >= 2 && memcmp(body, "\xfe\xff", 2) == 0)
		return "UTF-16BE";
	*skip = 3;
	if (len >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0)
		return "UTF-8";
	*skip = 0;
	return NULL;
}

/* <meta charset=x>, <meta http-equiv=content-type content="…; charset=x">. */
static struct slice
label_of_meta(const char *body, size_t len)
{
	struct slice label = { NULL, 0 }, content;
	struct markup m;
	struct tag tag;

	markup_init(&m, body, len);
	while (label.p == NULL && markup_next(&m, &tag)) {
		if (!slice_is(tag.name, "meta"))
			continue;
		label = markup_attr(&tag, "charset");
		content = markup_attr(&tag, "content");
		if (label.p == NULL && content.p != NULL && slice_is(markup_attr(&tag, "http-equiv"), "content-type"))
			label.p = content_type_charset(content.p, content.len, &label.len);
	}
	return label;
}

/* <?xml … encoding="x"?> */
static struct slice
label_of_xml(const char *body, size_t len)
{
	struct slice none = { NULL, 0 };
	const char *end, *p;
	size_t n;

	if (len < 6 || memcmp(body, "<?xml", 5) != 0 || (end = memchr(body, '>', len)) == NULL)
		return none;
	p = memmem(body, (size_t)(end - body), "encoding", 8);
	if (p == NULL)
		return none;
	p += 8 + strspn(p + 8, " =\"'");
	n = strcspn(p, "\"'? >");
	return p + n <= end ? (struct slice){ p, n } : none;
}

/* What the body says of itself, in its first kilobyte. */
static const char *
charset_of_body(const char *body, size_t len, unsigned *warnings)
{
	char head[SNIFF_MAX + 1];
	size_t n = len < SNIFF_MAX ? len : SNIFF_MAX;
	struct slice label;
	const char *charset;

	memcpy(head, body, n);
	head[n] = '\0';
	label = label_of_meta(head, n);
	charset = label.p != NULL ? charset_of_label(label.p, label.len, true, warnings) : NULL;
	if (charset != NULL)
		return charset;
	label = label_of_xml(head, n);
	return label.p != NULL ? charset_of_label(label.p, label.len, true, warnings) : NULL;
}

/* Of eight bytes: the high bit of each that is no ASCII, or zero (exact up to the first of them). */
static uint64_t
odd_bytes(uint64_t w)
{
	return (w | ((w - 0x0101010101010101u) & ~w)) & 0x8080808080808080u;
}

/* 32 bytes of ASCII with no zero among them? */
static bool
is_ascii(const char *p)
{
	uint64_t w[4], seen = 0;
	size_t i;

	memcpy(w, p, sizeof(w));
	for (i = 0; i < 4; i++)
		seen |= odd_bytes(w[i]);
	return seen == 0;
}

/* How many of the eight bytes at p are ASCII, and not zero, before the first that is neither. */
static size_t
ascii_of_eight(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	w = odd_bytes(le64toh(w));
	return w == 0 ? 8 : (size_t)__builtin_ctzll(w) / 8;
}

static bool
is_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The length of the character at p, of valid UTF-8 and no NUL; 0 if it is none. */
static size_t
utf8_length(const char *p, size_t len)
{
	unsigned char c = (unsigned char)p[0], next;
	size_t used;

	if (c < 0x80)
		return c != 0;
	if (c >= 0xc2 && c < 0xe0)
		return len > 1 && is_tail(p[1]) ? 2 : 0;
	if (c >= 0xe0 && c < 0xf0) {
		if (len < 3 || !is_tail(p[1]) || !is_tail(p[2]))
			return 0;
		next = (unsigned char)p[1];
		return (c == 0xe0 && next < 0xa0) || (c == 0xed && next >= 0xa0) ? 0 : 3;
	}
	return utf8_get(p, len, &used) == 0xfffd ? 0 : used;
}

/* The length of the valid UTF-8 at the start, up to the first bad byte or NUL. */
static size_t
utf8_span(const char *p, size_t len)
{
	size_t i = 0, n;

	while (i < len) {
		while (len - i >= 32 && is_ascii(p + i))
			i += 32;
		/* Odd bytes come in company: until there are eight plain ones. */
		do {
			n = len - i >= 8 ? ascii_of_eight(p + i) : 0;
			i += n;
			if (n < 8 && i < len) {
				size_t odd = utf8_length(p + i, len - i);

				if (odd == 0)
					return i;
				i += odd;
			}
		} while (n < 8 && i < len);
	}
	return i;
}

/* Valid but for NULs, of which the first stands at `span`? Those are taken out, not a reason for another encoding. */
static bool
is_utf8_but_nuls(const char *p, size_t len, size_t span)
{
	while (span < len && p[span] == '\0') {
		span++;
		span += utf8_span(p + span, len - span);
	}
	return span == len;
}

static void
repair_utf8(const char *p, size_t len, struct buf *out)
{
	while (len > 0) {
		size_t n = utf8_span(p, len);

		buf_xadd(out, p, n);
		if (n < len && p[n++] != '\0')
			buf_xaddstr(out, "\xef\xbf\xbd");
		p += n;
		len -= n;
	}
}

static int
convert(const char *p, size_t len, const char *charset, struct buf *out, struct err *err)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	char chunk[8192], *in, *to;
	size_t room, before;

	if (cd == (iconv_t)-1)
		return err_sys(err, errno, "encoding %s", charset);
	memcpy(&in, &p, sizeof(in)); /* iconv wants it without const and does not write */
	while (len > 0) {
		to = chunk;
		room = sizeof(chunk);
		before = len;
		errno = 0;
		if (iconv(cd, &in, &len, &to, &room) == (size_t)-1 && errno != E2BIG) {
			buf_xadd(out, chunk, (size_t)(to - chunk));
			buf_xaddstr(out, "\xef\xbf\xbd");
			in++;
			len--;
			continue;
		}
		buf_xadd(out, chunk, (size_t)(to - chunk));
		if (len == before && to == chunk)
			break;
	}
	iconv_close(cd);
	return 0;
}

/* NULs out: they would cut the text for whoever reads it as a string (P33). */
static size_t
strip_nuls(char *p, size_t len)
{
	char *out = memchr(p, '\0', len);
	size_t i;

	if (out == NULL)
		return len;
	for (i = (size_t)(out - p); i < len; i++) {
		if (p[i] != '\0')
			*out++ = p[i];
	}
	*out = '\0';
	return (size_t)(out - p);
}

static const char *
choose_charset(
    const char *body, size_t len, const struct decode_hints *hints, size_t *skip, unsigned *warnings)
{
	const char *type = hints->content_type, *charset = charset_of_bom(body, len, skip), *label = NULL;
	bool readable = len < 2 || (isascii((unsigned char)body[0]) && isascii((unsigned char)body[1]) &&
				       body[0] != '\0' && body[1] != '\0');
	size_t n;

	if (charset == NULL && hints->told != NULL)
		charset = charset_of_label(hints->told, strlen(hints->told), false, warnings);
	if (charset == NULL && type != NULL)
		label = content_type_charset(type, strlen(type), &n);
	if (label != NULL)
		charset = charset_of_label(label, n, readable, warnings);
	if (charset == NULL && !readable)
		charset = charset_of_zeros(body, len);
	if (charset == NULL)
		charset = hints->json ? "UTF-8" : charset_of_body(body, len, warnings);
	return charset;
}

int
decode_page(const char *body, size_t len, const struct decode_hints *hints, struct decoded *out, struct err *err)
{
	size_t skip = 0, span = SIZE_MAX;

	out->warnings = 0;
	out->charset = choose_charset(body, len, hints, &skip, &out->warnings);
	body += skip;
	len -= skip;
	if (out->charset == NULL || strcmp(out->charset, "UTF-8") == 0) {
		span = utf8_span(body, len);
		if (out->charset == NULL)
			out->charset = is_utf8_but_nuls(body, len, span) ? "UTF-8" : "CP1252";
	}
	out->text = body;
	out->len = len;
	if (span == len)
		return 0;
	if (strcmp(out->charset, "UTF-8") == 0)
		repair_utf8(body, len, &out->store);
	else if (convert(body, len, out->charset, &out->store, err) == -1)
		return -1;
	if (out->store.data != NULL)
		out->store.len = strip_nuls(out->store.data, out->store.len);
	out->text = out->store.data != NULL ? out->store.data : "";
	out->len = out->store.len;
	return 0;
}

bool
decode_is_told(const char *body, size_t len, const struct decode_hints *hints, size_t *skip)
{
	unsigned warnings = 0;
	const char *charset = choose_charset(body, len, hints, skip, &warnings);

	return charset != NULL && strcmp(charset, "UTF-8") == 0 && warnings == 0;
}

struct decode_set {
	iconv_t open[ARRAY_LEN(charsets)];
	size_t n, missing;
};

struct decode_set *
decode_preload(void)
{
	struct decode_set *set = xcalloc(1, sizeof(*set));
	size_t i;

	for (i = 0; i < ARRAY_LEN(charsets); i++) {
		/* The labels of one encoding stand together. */
		if (i > 0 && strcmp(charsets[i].charset, charsets[i - 1].charset) == 0)
			continue;
		set->open[set->n] = iconv_open("UTF-8", charsets[i].charset);
		if (set->open[set->n] != (iconv_t)-1)
			set->n++;
		else
			set->missing++;
	}
	return set;
}

size_t
decode_preload_missing(const struct decode_set *set)
{
	return set->missing;
}

void
decode_preload_free(struct decode_set *set)
{
	if (set == NULL)
		return;
	while (set->n > 0)
		iconv_close(set->open[--set->n]);
	free(set);
}

void
decoded_release(struct decoded *d)
{
	buf_release(&d->store);
	d->text = NULL;
	d->len = 0;
}
