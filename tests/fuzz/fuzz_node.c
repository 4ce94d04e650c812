/*
 * The daemon's side of the agent protocol, with all its state: whatever an agent
 * says, the daemon goes on, and its other hosts stay as they are.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/log.h"
#include "lib/node_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool quiet;
	struct node_play play;

	if (!quiet && log_to_file("/dev/null") == -1)
		abort();
	quiet = true;
	node_rig_play((const char *)data, size, 1000, &play);
	if (play.hellos > 0 && !play.others_up)
		abort();
	return 0;
}
