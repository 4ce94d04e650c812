/*
 * Exit codes of all programs, in one place; each man page's EXIT STATUS lists
 * those it uses. `trapexit status` adds LSB's.
 */
#ifndef TRAPEXIT_BASE_EXITCODE_H
#define TRAPEXIT_BASE_EXITCODE_H

enum exitcode {
	EXITCODE_OK = 0,
	EXITCODE_FAILED = 1,	  /* trapexitd: start failure (S57) */
	EXITCODE_USAGE = 2,	  /* trapexitd: invalid configuration (S57) */
	EXITCODE_ESCALATED = 3,	  /* trapexitd: root = exit and intensity exceeded (S57) */
	EXITCODE_NOT_RUNNING = 3, /* trapexit status, as LSB */
	EXITCODE_UNKNOWN = 4,	  /* trapexit status, as LSB */
};

#endif
