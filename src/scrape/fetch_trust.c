#include "scrape/fetch_trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"

#define TEXT_MAX (64u << 10) /* of a file that is worth parsing for each connection */

static char *
env_copy(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? xstrdup(value) : NULL;
}

/* 0 also if the file is too long to keep; -1 if it cannot be read. */
static int
read_small(const char *path, struct buf *text)
{
	FILE *f = fopen(path, "re");
	char part[4096];
	size_t n;
	int error;

	if (f == NULL)
		return -1;
	while ((n = fread(part, 1, sizeof(part), f)) > 0 && text->len <= TEXT_MAX)
		buf_xadd(text, part, n);
	error = ferror(f) ? errno : 0;
	fclose(f);
	if (text->len > TEXT_MAX)
		buf_release(text);
	errno = error;
	return error != 0 ? -1 : 0;
}

int
fetch_trust_init(struct fetch_trust *t, const char *cacert, struct err *err)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	const char *system = curl->age >= CURLVERSION_SEVENTH ? curl->cainfo : NULL;

	memset(t, 0, sizeof(*t));
	t->file = cacert != NULL ? xstrdup(cacert) : env_copy("SSL_CERT_FILE");
	t->dir = cacert != NULL ? NULL : env_copy("SSL_CERT_DIR");
	/* The system's folder has what its file has: only without it libcurl keeps what it has parsed. */
	t->no_dir = cacert != NULL || (t->dir == NULL && system != NULL && access(system, R_OK) == 0);
	if (t->file == NULL || read_small(t->file, &t->text) == 0 || cacert == NULL)
		return 0;
	return err_sys(err, errno, "%s", cacert);
}

void
fetch_trust_apply(const struct fetch_trust *t, CURL *easy)
{
	struct curl_blob blob = { .data = t->text.data, .len = t->text.len, .flags = CURL_BLOB_NOCOPY };

	if (t->dir != NULL || t->no_dir) {
		curl_easy_setopt(easy, CURLOPT_CAPATH, t->dir);
		curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, t->dir);
	}
	if (t->text.len > 0) {
		curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
		curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, &blob);
	} else if (t->file != NULL) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, t->file);
		curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, t->file);
	}
}

void
fetch_trust_release(struct fetch_trust *t)
{
	free(t->file);
	free(t->dir);
	buf_release(&t->text);
	memset(t, 0, sizeof(*t));
}
