#include "config.h"

#include "daemon/trapexitd.h"

#ifndef TRAPEXITD_VERSION
#define TRAPEXITD_VERSION PACKAGE_VERSION
#endif

const char *
daemon_version(void)
{
	return TRAPEXITD_VERSION;
}
