/* P32, P33: bytes to text. */
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "price/decode.h"
#include "price/reader.h"
#include "unit.h"

#define TEN "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define PAD HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED TEN TEN TEN

/* P32, P33: which encoding, and the text in it. */
static const struct {
	const char *rule, *type, *body;
	const char *charset, *text;
	unsigned warnings;
} encodings[] = {
	{ "P32: BOM", "text/html; charset=latin1", "\xef\xbb\xbf\xc2\xa3", "UTF-8", "\xc2\xa3", 0 },
	{ "P32: header", "text/html; charset=ISO-8859-1", "\xa3" "5 \x80" "6", "CP1252", "\xc2\xa3" "5 \xe2\x82\xac" "6", 0 },
	{ "P32: header with quotes", "text/html;charset=\"utf-8\"", "\xc2\xa3", "UTF-8", "\xc2\xa3", 0 },
	{ "P32: header, second parameter", "text/html; x=y; charset=koi8-r", "\xd2", "KOI8-R", "\xd1\x80", 0 },
	{ "P32: meta", "text/html", "<meta charset=windows-1251>\xf0", "CP1251", "<meta charset=windows-1251>\xd1\x80", 0 },
	{ "P32: http-equiv", NULL,
	    "<meta http-equiv=Content-Type content='text/html; charset=shift_jis'>\x89\x7e", "CP932",
	    "<meta http-equiv=Content-Type content='text/html; charset=shift_jis'>\xe5\x86\x86", 0 },
	{ "P32: XML", NULL, "<?xml version='1.0' encoding='iso-8859-15'?>\xa4", "ISO-8859-15",
	    "<?xml version='1.0' encoding='iso-8859-15'?>\xe2\x82\xac", 0 },
	{ "P32: a readable page is no UTF-16", NULL, "<meta charset=utf-16>\xc2\xa3", "UTF-8",
	    "<meta charset=utf-16>\xc2\xa3", 0 },
	{ "P32: valid UTF-8", NULL, "caf\xc3\xa9", "UTF-8", "caf\xc3\xa9", 0 },
	{ "P32: else windows-1252", NULL, "caf\xe9 \x80", "CP1252", "caf\xc3\xa9 \xe2\x82\xac", 0 },
	{ "P32: unknown label", "text/html; charset=klingon", "caf\xc3\xa9", "UTF-8", "caf\xc3\xa9", WARN_UNKNOWN_CHARSET },
	{ "P32: gb2312", "text/html; charset=gb2312", "\xd4\xaa", "GB18030", "\xe5\x85\x83", 0 },
	{ "P33: bad sequences", "text/html; charset=utf-8", "a\xff" "b\xc3", "UTF-8",
	    "a\xef\xbf\xbd" "b\xef\xbf\xbd", 0 },
	{ "P32: the next step after an unknown label", "text/html; charset=klingon", "<meta charset=koi8-r>\xd2", "KOI8-R",
	    "<meta charset=koi8-r>\xd1\x80", WARN_UNKNOWN_CHARSET },
	{ "P32: a meta after the first kilobyte", NULL, PAD "<meta charset=koi8-r>\xd2", "CP1252",
	    PAD "<meta charset=koi8-r>\xc3\x92", 0 },
	{ "P32: meta before an XML declaration", NULL,
	    "<?xml version='1.0' encoding='iso-8859-15'?><meta charset=windows-1252>\x80", "CP1252",
	    "<?xml version='1.0' encoding='iso-8859-15'?><meta charset=windows-1252>\xe2\x82\xac", 0 },
	{ "P32: ascii is windows-1252", "text/html; charset=us-ascii", "\x80", "CP1252", "\xe2\x82\xac", 0 },
	{ "P32: a header that says UTF-16 of what can be read", "text/html; charset=utf-16", "<p>\xc2\xa3", "UTF-8",
	    "<p>\xc2\xa3", 0 },
	{ "P32: big5", "text/html; charset=Big5", "\xa4\xb8", "BIG5-HKSCS", "\xe5\x85\x83", 0 },
	{ "P32: euc-kr", "text/html; charset=ks_c_5601-1987", "\xbf\xf8", "CP949", "\xec\x9b\x90", 0 },
	{ "P32: euc-jp", "text/html; charset=x-euc-jp", "\xb1\xdf", "EUC-JP-MS", "\xe5\x86\x86", 0 },
	{ "P32: blanks around a label", NULL, "<meta charset=' koi8-r\t'>\xd2", "KOI8-R", "<meta charset=' koi8-r\t'>\xd1\x80", 0 },
	{ "P32: x-user-defined", NULL, "<meta charset=x-user-defined>\x80", "CP1252",
	    "<meta charset=x-user-defined>\xe2\x82\xac", 0 },
	{ "P33: a sequence that is cut short", "text/html; charset=gbk", "\xd4", "GB18030", "\xef\xbf\xbd", 0 },
	{ "P33: surrogates are no UTF-8", "text/html; charset=utf-8", "\xed\xa0\x80", "UTF-8",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 0 },
};

START_TEST(p32_p33_encoding)
{
	struct decode_hints hints = { .content_type = encodings[_i].type };
	struct decoded d = DECODED_INIT;

	ck_assert_int_eq(decode_page(encodings[_i].body, strlen(encodings[_i].body), &hints, &d, NULL), 0);
	ck_assert_msg(strcmp(d.charset, encodings[_i].charset) == 0, "%s: %s", encodings[_i].rule, d.charset);
	ck_assert_msg(d.len == strlen(encodings[_i].text) && memcmp(d.text, encodings[_i].text, d.len) == 0, "%s: `%.*s'",
	    encodings[_i].rule, (int)d.len, d.text);
	ck_assert_uint_eq(d.warnings, encodings[_i].warnings);
	decoded_release(&d);
}
END_TEST

/* P32: what the target says stands above the header and below the mark. */
START_TEST(p32_told)
{
	struct decode_hints hints = { .told = "koi8-r", .content_type = "text/html; charset=utf-8" };
	struct decoded d = DECODED_INIT;

	ck_assert_int_eq(decode_page("\xd2", 1, &hints, &d, NULL), 0);
	ck_assert_str_eq(d.charset, "KOI8-R");
	decoded_release(&d);
	ck_assert_int_eq(decode_page("\xef\xbb\xbf\xc2\xa3", 5, &hints, &d, NULL), 0);
	ck_assert_str_eq(d.charset, "UTF-8");
	decoded_release(&d);
	hints.told = "klingon";
	ck_assert_int_eq(decode_page("\xc2\xa3", 2, &hints, &d, NULL), 0);
	ck_assert_str_eq(d.charset, "UTF-8");
	ck_assert_uint_eq(d.warnings, WARN_UNKNOWN_CHARSET);
	decoded_release(&d);
}
END_TEST

/* P32: UTF-16 with its mark, with a header, and with nothing. */
START_TEST(p32_utf16)
{
	static const struct {
		const char *type, *body, *charset;
		size_t len, skip;
	} rows[] = {
		{ NULL, "\xff\xfe\xac\x20" "5\0", "UTF-16LE", 6, 0 },
		{ NULL, "\xfe\xff\x20\xac\0" "5", "UTF-16BE", 6, 0 },
		{ "text/html; charset=utf-16le", "\xac\x20" "5\0", "UTF-16LE", 4, 0 },
		{ "text/html; charset=utf-16be", "\x20\xac\0" "5", "UTF-16BE", 4, 0 },
		{ "text/html; charset=utf-16", "<\0p\0>\0\xac\x20" "5\0", "UTF-16LE", 10, 3 },
		{ NULL, "<\0p\0>\0\xac\x20" "5\0", "UTF-16LE", 10, 3 },
		{ NULL, "\0<\0p\0>\x20\xac\0" "5", "UTF-16BE", 10, 3 },
	};
	struct decode_hints hints = { .content_type = rows[_i].type };
	struct decoded d = DECODED_INIT;

	ck_assert_int_eq(decode_page(rows[_i].body, rows[_i].len, &hints, &d, NULL), 0);
	ck_assert_str_eq(d.charset, rows[_i].charset);
	ck_assert_uint_eq(d.len, rows[_i].skip + 4);
	ck_assert_int_eq(memcmp(d.text + rows[_i].skip, "\xe2\x82\xac" "5", 4), 0);
	decoded_release(&d);
}
END_TEST

/* P33: NULs are taken out, and are no reason to doubt the encoding. */
START_TEST(p33_nul)
{
	static const char body[] = "\xc2\xa3" "24\0.99\0";
	struct decode_hints hints = { .told = NULL };
	struct decoded d = DECODED_INIT;

	ck_assert_int_eq(decode_page(body, sizeof(body) - 1, &hints, &d, NULL), 0);
	ck_assert_str_eq(d.charset, "UTF-8");
	ck_assert_str_eq(d.text, "\xc2\xa3" "24.99");
	ck_assert_uint_eq(d.len, 7);
	decoded_release(&d);
	hints.told = "latin1";
	ck_assert_int_eq(decode_page("a\0\xe9", 3, &hints, &d, NULL), 0);
	ck_assert_str_eq(d.text, "a\xc3\xa9");
	decoded_release(&d);
}
END_TEST

/* P33: an endpoint's JSON is UTF-8, whatever stands in it. */
START_TEST(p33_json)
{
	struct decode_hints hints = { .json = true };
	struct decoded d = DECODED_INIT;

	ck_assert_int_eq(decode_page("{\"a\":\"<meta charset=koi8-r>\xe9\"}", 31, &hints, &d, NULL), 0);
	ck_assert_str_eq(d.charset, "UTF-8");
	decoded_release(&d);
	hints.content_type = "application/json; charset=iso-8859-1";
	ck_assert_int_eq(decode_page("[\"\xe9\"]", 5, &hints, &d, NULL), 0);
	ck_assert_str_eq(d.text, "[\"\xc3\xa9\"]");
	decoded_release(&d);
}
END_TEST

/* P32: once all converters are held, no file is opened for one: here, none could be. */
START_TEST(p32_preload)
{
	static const char *const labels[] = { "windows-1251", "shift_jis", "gb2312", "big5", "euc-kr", "euc-jp",
		"iso-2022-jp", "koi8-u", "iso-8859-16", "macintosh", "utf-16le", "windows-874" };
	struct decode_set *set = decode_preload();
	struct rlimit none = { 0, 0 };
	size_t i;
	int status;
	pid_t pid;

	ck_assert_uint_eq(decode_preload_missing(set), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (setrlimit(RLIMIT_NOFILE, &none) == -1)
			_exit(99);
		for (i = 0; i < ARRAY_LEN(labels); i++) {
			struct decode_hints hints = { .told = labels[i] };
			struct decoded d = DECODED_INIT;

			if (decode_page("\xb0\xa1 5 \xe9", 6, &hints, &d, NULL) == -1)
				_exit((int)i + 1);
			decoded_release(&d);
		}
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status == 0, "status %x", (unsigned)status);
	decode_preload_free(set);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("price decode");
	TCase *t = tcase_create("decode");

	tcase_add_loop_test(t, p32_p33_encoding, 0, ARRAY_LEN(encodings));
	tcase_add_loop_test(t, p32_utf16, 0, 7);
	tcase_add_test(t, p32_told);
	tcase_add_test(t, p33_nul);
	tcase_add_test(t, p33_json);
	tcase_add_test(t, p32_preload);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
