#include "config.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "cli/deploy.h"
#include "conf/paths.h"

#define PROGRAM_MAX (256u << 20)

/* What uname -m calls the machines of an ELF header. */
static const struct machine {
	const char *name;
	unsigned machine, class, order;
} machines[] = {
	{ "x86_64", EM_X86_64, ELFCLASS64, ELFDATA2LSB },
	{ "aarch64", EM_AARCH64, ELFCLASS64, ELFDATA2LSB },
	{ "armv7l", EM_ARM, ELFCLASS32, ELFDATA2LSB },
	{ "armv6l", EM_ARM, ELFCLASS32, ELFDATA2LSB },
	{ "armv8l", EM_ARM, ELFCLASS32, ELFDATA2LSB },
	{ "i686", EM_386, ELFCLASS32, ELFDATA2LSB },
	{ "i586", EM_386, ELFCLASS32, ELFDATA2LSB },
	{ "riscv64", EM_RISCV, ELFCLASS64, ELFDATA2LSB },
	{ "ppc64le", EM_PPC64, ELFCLASS64, ELFDATA2LSB },
	{ "ppc64", EM_PPC64, ELFCLASS64, ELFDATA2MSB },
	{ "s390x", EM_S390, ELFCLASS64, ELFDATA2MSB },
	{ "loongarch64", 258, ELFCLASS64, ELFDATA2LSB },
};

uint32_t
payload_cksum(const void *data, size_t n)
{
	const unsigned char *p = data;
	uint32_t table[256], crc = 0;
	size_t len;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i << 24;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] & 0x80000000u ? table[i] << 1 ^ 0x04c11db7u : table[i] << 1;
	}
	for (size_t i = 0; i < n; i++)
		crc = crc << 8 ^ table[(crc >> 24 ^ p[i]) & 0xff];
	/* The length follows, the lowest byte first, without zeros behind it. */
	for (len = n; len > 0; len >>= 8)
		crc = crc << 8 ^ table[(crc >> 24 ^ len) & 0xff];
	return ~crc;
}

static int
read_all(int fd, const char *path, struct buf *out, struct err *err)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		if (buf_add(out, bytes, (size_t)n) == -1)
			return err_set(err, EFBIG, "%s: is too large", path);
	}
	return n == -1 ? err_sys(err, errno, "%s", path) : 0;
}

/* head: the beginning of its ELF header. */
static int
load(struct payload_program *prog, unsigned char head[EI_NIDENT + 4], struct err *err)
{
	int fd = open(prog->path, O_RDONLY | O_CLOEXEC), r;

	if (fd == -1)
		return err_sys(err, errno, "%s", prog->path);
	prog->data = (struct buf)BUF_INIT(PROGRAM_MAX);
	r = read_all(fd, prog->path, &prog->data, err);
	close(fd);
	if (r == -1)
		return -1;
	if (prog->data.data == NULL || prog->data.len < EI_NIDENT + 4 || memcmp(prog->data.data, ELFMAG, SELFMAG) != 0)
		return err_set(err, ENOEXEC, "%s: is no program of this machine (no ELF file)", prog->path);
	memcpy(head, prog->data.data, EI_NIDENT + 4);
	prog->sum = payload_cksum(prog->data.data, prog->data.len);
	return 0;
}

int
payload_load(struct deploy_payload *p, struct err *err)
{
	unsigned char head[EI_NIDENT + 4] = { 0 };
	size_t i;

	*p = (struct deploy_payload){ .programs = { { .name = "trapexit-agent" }, { .name = "pricescrape" } } };
	for (i = 0; i < DEPLOY_PROGRAMS; i++)
		p->programs[i].path = paths_program(p->programs[i].name);
	for (i = 0; i < DEPLOY_PROGRAMS; i++)
		if (load(&p->programs[i], head, err) == -1)
			return -1;
	p->class = head[EI_CLASS];
	p->order = head[EI_DATA];
	p->machine = p->order == ELFDATA2MSB ? (unsigned)head[18] << 8 | head[19] : (unsigned)head[19] << 8 | head[18];
	return 0;
}

void
payload_release(struct deploy_payload *p)
{
	for (size_t i = 0; i < DEPLOY_PROGRAMS; i++) {
		free(p->programs[i].path);
		buf_release(&p->programs[i].data);
	}
}

static bool
fits(const struct deploy_payload *p, const struct machine *m)
{
	return p->machine == m->machine && p->class == m->class && p->order == m->order;
}

const char *
payload_misfit(const struct deploy_payload *p, const char *machine)
{
	const char *ours = "another machine";

	for (size_t i = 0; i < ARRAY_LEN(machines); i++)
		if (fits(p, &machines[i])) {
			ours = machines[i].name;
			break;
		}
	for (size_t i = 0; i < ARRAY_LEN(machines); i++)
		if (strcmp(machine, machines[i].name) == 0)
			return fits(p, &machines[i]) ? NULL : ours;
	return NULL;
}
