/*
 * The directories out of a configuration that has errors elsewhere: who is at
 * work on the file must still be able to ask the daemon that runs.
 */
#ifndef TRAPEXIT_CLI_SALVAGE_H
#define TRAPEXIT_CLI_SALVAGE_H

/* Absolute; NULL where the file does not say it, or not so that it can be read. */
struct salvage {
	char *state_dir, *run_dir, *log_dir, *store; /* owned */
};

void salvage_read(struct salvage *s, const char *path);
void salvage_release(struct salvage *s);

#endif
