#include "shop_manners.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROBOTS_MAX (2u << 20)

static const char *
argument(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);
}

static const char *
header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static struct MHD_Response *
text_new(const char *text, size_t len)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(len, (void *)(size_t)text, MHD_RESPMEM_MUST_COPY);

	if (r == NULL) {
		fputs("shop: out of memory\n", stderr);
		exit(1);
	}
	return r;
}

static void
add(struct MHD_Response *r, const char *name, const char *value)
{
	if (value != NULL)
		MHD_add_response_header(r, name, value);
}

static enum MHD_Result
send_off(struct MHD_Connection *c, unsigned status, struct MHD_Response *r)
{
	enum MHD_Result result = MHD_queue_response(c, status, r);

	MHD_destroy_response(r);
	return result;
}

/* /validated?etag=E&modified=D: 304 to who has it. */
static bool
is_known(struct MHD_Connection *c)
{
	const char *match = header(c, "If-None-Match"), *since = header(c, "If-Modified-Since");
	const char *etag = argument(c, "etag"), *modified = argument(c, "modified");

	if (match != NULL)
		return etag != NULL && strcmp(match, etag) == 0;
	return since != NULL && modified != NULL && strcmp(since, modified) == 0;
}

static enum MHD_Result
serve_validated(struct MHD_Connection *c)
{
	static const char page[] = "<title>validated</title>"
				   "<meta property=og:price:amount content=7.50><meta property=og:price:currency content=GBP>";
	bool known = is_known(c);
	struct MHD_Response *r = text_new(page, known ? 0 : sizeof(page) - 1);

	add(r, "Content-Type", "text/html");
	add(r, "ETag", argument(c, "etag"));
	add(r, "Last-Modified", argument(c, "modified"));
	return send_off(c, known ? 304 : 200, r);
}

/* /to?code=308&location=URL&retry_after=S&cookie=C&body=BYTES: one redirect. */
static enum MHD_Result
serve_to(struct MHD_Connection *c, unsigned status)
{
	const char *bytes = argument(c, "body");
	size_t n = bytes != NULL ? strtoul(bytes, NULL, 10) : 0;
	char *body = calloc(1, n + 1);
	struct MHD_Response *r;

	if (body == NULL)
		return MHD_NO;
	memset(body, 'x', n);
	r = text_new(body, n);
	free(body);
	add(r, "Location", argument(c, "location"));
	add(r, "Retry-After", argument(c, "retry_after"));
	add(r, "Set-Cookie", argument(c, "cookie"));
	return send_off(c, status, r);
}

/* /echo: the request's header fields, a line each, and a price in its title. */
static enum MHD_Result
put_line(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	fprintf(arg, "%s: %s\n", name, value != NULL ? value : "");
	return MHD_YES;
}

static enum MHD_Result
serve_echo(struct MHD_Connection *c)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct MHD_Response *r;

	if (f == NULL)
		return MHD_NO;
	MHD_get_connection_values(c, MHD_HEADER_KIND, (MHD_KeyValueIterator)put_line, f);
	fclose(f);
	r = text_new(text, len);
	free(text);
	add(r, "Set-Cookie", argument(c, "cookie"));
	add(r, "Content-Type", "text/plain");
	return send_off(c, 200, r);
}

static char *
read_robots(const char *file, size_t *len)
{
	char *text = calloc(1, ROBOTS_MAX + 1);
	FILE *f = fopen(file, "re");

	if (f == NULL || text == NULL) {
		free(text);
		return NULL;
	}
	*len = fread(text, 1, ROBOTS_MAX, f);
	fclose(f);
	return text;
}

static unsigned
robots_status(const char *file)
{
	size_t len = 0;
	char *text = read_robots(file, &len);
	unsigned status = text == NULL ? 404 : 200;

	if (text != NULL && text[0] == '!')
		status = (unsigned)strtoul(text + 1, NULL, 10);
	free(text);
	return status;
}

/* The file "!302\nLocation: /x\n\nbody", or just the body. */
static enum MHD_Result
serve_robots(struct MHD_Connection *c, const char *file)
{
	size_t len = 0;
	char *text = read_robots(file, &len), *line, *body = text, *save = NULL, *colon;
	unsigned status = robots_status(file);
	struct MHD_Response *r;
	enum MHD_Result result;

	if (text != NULL && text[0] == '!') {
		body = strstr(text, "\n\n");
		body = body != NULL ? body + 2 : text + len;
	}
	r = text_new(body != NULL ? body : "", body != NULL ? len - (size_t)(body - text) : 0);
	add(r, "Content-Type", "text/plain");
	if (text != NULL && text[0] == '!') {
		if (body > text && body < text + len)
			body[-1] = '\0';
		for (line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
			if ((colon = strstr(line, ": ")) == NULL)
				continue;
			*colon = '\0';
			add(r, line, colon + 2);
		}
	}
	result = send_off(c, status, r);
	free(text);
	return result;
}

unsigned
manners_status(struct MHD_Connection *c, const char *path, const char *robots_file)
{
	const char *code = argument(c, "code");

	if (strcmp(path, "/validated") == 0)
		return is_known(c) ? 304 : 200;
	if (strcmp(path, "/to") == 0)
		return code != NULL ? (unsigned)strtoul(code, NULL, 10) : 302;
	if (strcmp(path, "/echo") == 0)
		return 200;
	if (strcmp(path, "/robots.txt") == 0 && robots_file != NULL)
		return robots_status(robots_file);
	return 0;
}

enum MHD_Result
manners_serve(struct MHD_Connection *c, const char *path, const char *robots_file)
{
	if (strcmp(path, "/validated") == 0)
		return serve_validated(c);
	if (strcmp(path, "/to") == 0)
		return serve_to(c, manners_status(c, path, robots_file));
	if (strcmp(path, "/echo") == 0)
		return serve_echo(c);
	return serve_robots(c, robots_file);
}
