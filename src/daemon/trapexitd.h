/* The program trapexitd(8): its command line, and from there to the loop. */
#ifndef TRAPEXIT_DAEMON_TRAPEXITD_H
#define TRAPEXIT_DAEMON_TRAPEXITD_H

int trapexitd_main(int argc, char *argv[]);
/* In a file of its own: tests build a trapexitd of another version. */
const char *daemon_version(void);

#endif
