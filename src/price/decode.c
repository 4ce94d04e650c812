#include "price/decode.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

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

	while (len > 0 && isspace((unsigned char)label[len - 1]))
		len--;
	for (i = 0; i < ARRAY_LEN(charsets); i++) {
		if (strlen(charsets[i].label) == len && strncasecmp(charsets[i].label, label, len) == 0)
			return charsets[i].charset;
	}
	return NULL;
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

static const char *
charset_of_body(const char *body, size_t len, unsigned *warnings)
{
	char head[SNIFF_MAX + 1];
	size_t n = len < SNIFF_MAX ? len : SNIFF_MAX;
	struct slice label;
	const char *charset;

	memcpy(head, body, n);
	head[n] = '\0';
	label = label_of_xml(head, n);
	if (label.p == NULL)
		label = label_of_meta(head, n);
	if (label.p == NULL || label.len == 0)
		return NULL;
	charset = charset_find(label.p, label.len);
	if (charset == NULL)
		*warnings |= WARN_UNKNOWN_CHARSET;
	/* We could read it: so it is no UTF-16. */
	return charset != NULL && strncmp(charset, "UTF-16", 6) == 0 ? "UTF-8" : charset;
}

/* The length of the valid UTF-8 at the start, up to the first bad byte or NUL. */
static size_t
utf8_span(const char *p, size_t len)
{
	size_t i = 0, used;
	uint64_t word;

	while (i < len) {
		if (len - i >= 8) {
			memcpy(&word, p + i, 8);
			/* Eight bytes of ASCII with no zero among them. */
			if (((word | ((word - 0x0101010101010101u) & ~word)) & 0x8080808080808080u) == 0) {
				i += 8;
				continue;
			}
		}
		if (p[i] == '\0')
			return i;
		if (utf8_get(p + i, len - i, &used) == 0xfffd && used == 1)
			return i;
		i += used;
	}
	return i;
}

static void
repair_utf8(const char *p, size_t len, struct buf *out)
{
	while (len > 0) {
		size_t n = utf8_span(p, len);

		buf_xadd(out, p, n);
		if (n < len) {
			buf_xaddstr(out, "\xef\xbf\xbd");
			n++;
		}
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
static void
replace_nuls(char *p, size_t len)
{
	char *end = p + len;

	while ((p = memchr(p, '\0', (size_t)(end - p))) != NULL)
		*p++ = ' ';
}

static const char *
choose_charset(const char *body, size_t len, const char *content_type, size_t *skip, unsigned *warnings)
{
	const char *charset = charset_of_bom(body, len, skip), *label = NULL;
	size_t n;

	if (charset == NULL && content_type != NULL)
		label = content_type_charset(content_type, strlen(content_type), &n);
	if (label != NULL && (charset = charset_find(label, n)) == NULL)
		*warnings |= WARN_UNKNOWN_CHARSET;
	if (charset == NULL)
		charset = charset_of_body(body, len, warnings);
	return charset;
}

int
decode_page(const char *body, size_t len, const char *content_type, struct decoded *out, struct err *err)
{
	size_t skip = 0, span = SIZE_MAX;

	out->warnings = 0;
	out->charset = choose_charset(body, len, content_type, &skip, &out->warnings);
	body += skip;
	len -= skip;
	if (out->charset == NULL || strcmp(out->charset, "UTF-8") == 0) {
		span = utf8_span(body, len);
		if (out->charset == NULL)
			out->charset = span == len || body[span] == '\0' ? "UTF-8" : "CP1252";
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
		replace_nuls(out->store.data, out->store.len);
	out->text = out->store.data != NULL ? out->store.data : "";
	out->len = out->store.len;
	return 0;
}

void
decoded_release(struct decoded *d)
{
	buf_release(&d->store);
	d->text = NULL;
	d->len = 0;
}
