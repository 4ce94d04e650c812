/* otp_scenario generate FROM TO | play: see scenario.h. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "scenario.h"

int
main(int argc, char **argv)
{
	uint64_t seed, end;

	if (argc == 4 && strcmp(argv[1], "generate") == 0) {
		end = strtoull(argv[3], NULL, 10);
		for (seed = strtoull(argv[2], NULL, 10); seed <= end; seed++)
			scenario_generate(stdout, seed);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "play") == 0)
		return scenario_play(stdin, stdout) == 0 ? 0 : 1;
	fprintf(stderr, "usage: otp_scenario generate FROM TO | otp_scenario play\n");
	return 2;
}
