#include "conf/site.h"

#include <libpsl.h>
#include <stddef.h>
#include <string.h>

const char *
site_domain(const char *host)
{
	const psl_ctx_t *list = psl_builtin();
	const char *domain;

	/* An address has no parts that mean anything. */
	if (host[0] == '[' || host[strspn(host, "0123456789.")] == '\0' || list == NULL)
		return host;
	domain = psl_registrable_domain(list, host);
	return domain != NULL ? domain : host;
}
