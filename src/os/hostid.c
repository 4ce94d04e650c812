#include "config.h"

#include "os/hostid.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "os/fd.h"

static int
read_id(const char *path, char id[HOSTID_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	size_t len = 0;

	id[0] = '\0';
	if (fd == -1)
		return -1;
	n = fd_read_full(fd, id, HOSTID_SIZE - 1);
	close(fd);
	while (n > 0 && len < (size_t)n && (isxdigit((unsigned char)id[len]) || id[len] == '-'))
		len++;
	id[len] = '\0';
	return len > 0 ? 0 : -1;
}

void
hostid_boot(char id[HOSTID_SIZE])
{
	read_id("/proc/sys/kernel/random/boot_id", id);
}

void
hostid_machine(char id[HOSTID_SIZE])
{
	if (read_id("/etc/machine-id", id) == -1)
		read_id("/var/lib/dbus/machine-id", id);
}
