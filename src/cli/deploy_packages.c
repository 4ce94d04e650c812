#include "cli/deploy.h"

#include <string.h>

#include "base/attr.h"

/* What the two programs ask for by themselves; the rest comes with these. Named as in Debian 12, and since 13 where that differs. */
static const struct {
	const char *library, *package;
} packages[] = {
	{ "libevent_core-2.1.so.7", "libevent-core-2.1-7 (libevent-core-2.1-7t64)" },
	{ "libcurl.so.4", "libcurl4 (libcurl4t64)" },
	{ "libjson-c.so.5", "libjson-c5" },
	{ "libpcre2-8.so.0", "libpcre2-8-0" },
	{ "libxml2.so.2", "libxml2" },
	{ "libseccomp.so.2", "libseccomp2" },
	{ "libcap.so.2", "libcap2" },
	{ "libc.so.6", "libc6" },
};

const char *
package_of(const char *library)
{
	for (size_t i = 0; i < ARRAY_LEN(packages); i++)
		if (strcmp(library, packages[i].library) == 0)
			return packages[i].package;
	return NULL;
}
