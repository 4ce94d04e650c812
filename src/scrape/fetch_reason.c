#include "scrape/fetch_reason.h"

#include <curl/curl.h>
#include <stdio.h>

#include "base/attr.h"

static const struct {
	CURLcode code;
	const char *reason;
	bool passing;
} reasons[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, "dns", true },
	{ CURLE_COULDNT_RESOLVE_PROXY, "proxy", true },
	{ CURLE_PROXY, "proxy", true },
	{ CURLE_COULDNT_CONNECT, "connect", true },
	{ CURLE_OPERATION_TIMEDOUT, "timeout", true },
	{ CURLE_SSL_CONNECT_ERROR, "tls", false },
	{ CURLE_PEER_FAILED_VERIFICATION, "tls", false },
	{ CURLE_SSL_CERTPROBLEM, "tls", false },
	{ CURLE_SSL_CIPHER, "tls", false },
	{ CURLE_SSL_CACERT_BADFILE, "tls", false },
	{ CURLE_SSL_ISSUER_ERROR, "tls", false },
	{ CURLE_SSL_ENGINE_INITFAILED, "tls", false },
	{ CURLE_SSL_INVALIDCERTSTATUS, "tls", false },
	{ CURLE_URL_MALFORMAT, "bad-url", false },
	{ CURLE_GOT_NOTHING, "connection-lost", true },
	{ CURLE_SEND_ERROR, "connection-lost", true },
	{ CURLE_RECV_ERROR, "connection-lost", true },
	{ CURLE_PARTIAL_FILE, "connection-lost", true },
	{ CURLE_HTTP2, "connection-lost", true },
	{ CURLE_HTTP2_STREAM, "connection-lost", true },
	{ CURLE_BAD_CONTENT_ENCODING, "bad-encoding", false },
	{ CURLE_FILESIZE_EXCEEDED, "too-large", false },
	{ CURLE_WEIRD_SERVER_REPLY, "bad-answer", true },
	/* Which URLs are none was seen before: this is an answer that is no HTTP, or HTTP/0.9. */
	{ CURLE_UNSUPPORTED_PROTOCOL, "bad-answer", true },
	/* A header that does not end. */
	{ CURLE_OUT_OF_MEMORY, "too-large", false },
};

const char *
fetch_reason_of(int code, bool *passing)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(reasons); i++) {
		if ((int)reasons[i].code == code) {
			*passing = reasons[i].passing;
			return reasons[i].reason;
		}
	}
	*passing = false;
	return "fetch-failed";
}

/* 408, 425 and 5xx pass; 429 and 503 are their host's business (P51). A redirect that was followed is not asked. */
void
fetch_reason_of_status(struct fetch_result *r, char reason[FETCH_REASON_SIZE])
{
	if (r->http_status < 300)
		return;
	snprintf(reason, FETCH_REASON_SIZE, "http-%ld", r->http_status);
	snprintf(r->detail, sizeof(r->detail), "the answer was %ld", r->http_status);
	r->reason = reason;
	r->passing = r->http_status >= 500 || r->http_status == 408 || r->http_status == 425;
	r->site_rest = r->http_status == 429 || r->http_status == 503;
}
