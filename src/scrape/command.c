#include "scrape/command.h"

#include <stddef.h>
#include <string.h>

static const struct command commands[] = {
	{ "extract", cmd_extract, "the prices of saved pages" },
	{ "learn", cmd_learn, "rules that find a price which is seen on a page" },
	{ "read", cmd_read, "what amount a text states" },
	{ "robots", cmd_robots, "what a robots.txt lets an agent fetch" },
	{ NULL, NULL, NULL },
};

const struct command *
command_find(const char *word)
{
	unsigned i;

	for (i = 0; commands[i].name != NULL; i++) {
		if (strcmp(commands[i].name, word) == 0)
			return &commands[i];
	}
	return NULL;
}

const struct command *
command_at(unsigned i)
{
	return commands[i].name != NULL ? &commands[i] : NULL;
}
