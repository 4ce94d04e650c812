/*
 * Runs a fuzz target over its committed corpus, without libFuzzer, so that
 * `make check` replays with any compiler what fuzzing has once found.
 *
 * The corpus is named by the program: replay_conf.t runs over every file in
 * tests/fuzz/corpus/conf of the source tree ($top_srcdir, else the current
 * directory), in the order of their names. Files named on the command line are
 * run instead: `tests/fuzz/replay_conf.t crash-1234`.
 *
 * Speaks TAP. A target reports a fault by dying (abort, a sanitizer); the file
 * is named in front, so the last line of the log tells which it was.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Read a whole file; the caller frees. NULL and errno if that is impossible. */
static uint8_t *
read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL, *grown;
	size_t room = 0, n;

	*size = 0;
	if (f == NULL)
		return NULL;
	do {
		if (*size == room) {
			room = room == 0 ? 4096 : room * 2;
			grown = realloc(data, room);
			if (grown == NULL)
				goto fail;
			data = grown;
		}
		n = fread(data + *size, 1, room - *size, f);
		*size += n;
	} while (n > 0);
	if (ferror(f))
		goto fail;
	fclose(f);
	return data;
fail:
	free(data);
	fclose(f);
	return NULL;
}

/* A copy of exactly the input's size, so that a sanitizer sees one byte read too far. */
static void
run_exact(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL) {
		printf("Bail out! out of memory\n");
		exit(EXIT_FAILURE);
	}
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* Run one file; returns whether it could be read. */
static int
run_file(const char *path, int number)
{
	uint8_t *data;
	size_t size;

	printf("# %s\n", path);
	fflush(stdout);
	data = read_file(path, &size);
	if (data == NULL) {
		printf("not ok %d - %s: %s\n", number, path, strerror(errno));
		return 0;
	}
	run_exact(data, size);
	free(data);
	printf("ok %d - %s, %zu bytes\n", number, path, size);
	return 1;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* tests/fuzz/corpus/NAME for .../replay_NAME.t */
static void
corpus_of(const char *program, char *dir, size_t size)
{
	const char *top = getenv("top_srcdir");
	const char *name = strrchr(program, '/');

	name = name == NULL ? program : name + 1;
	if (strncmp(name, "replay_", 7) == 0)
		name += 7;
	snprintf(dir, size, "%s/tests/fuzz/corpus/%.*s", top == NULL ? "." : top,
	    (int)strcspn(name, "."), name);
}

static int
run_corpus(const char *program, int *count)
{
	char dir[4096], path[8192];
	struct dirent **list;
	int i, n, good = 1;

	corpus_of(program, dir, sizeof(dir));
	n = scandir(dir, &list, is_visible, alphasort);
	if (n <= 0) {
		printf("Bail out! no corpus in %s\n", dir);
		return 0;
	}
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		good &= run_file(path, ++*count);
		free(list[i]);
	}
	free(list);
	return good;
}

int
main(int argc, char **argv)
{
	int i, count = 0, good = 1;

	if (argc < 2)
		good = run_corpus(argv[0], &count);
	for (i = 1; i < argc; i++)
		good &= run_file(argv[i], ++count);
	printf("1..%d\n", count);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
