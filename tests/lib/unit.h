/*
 * The main() of every unit test: runs one suite and speaks TAP.
 *
 *	int
 *	main(void)
 *	{
 *		return unit_run(suite());
 *	}
 *
 * The umask is 022. CK_FORK=no, CK_RUN_CASE=... work as in Check's manual.
 */
#ifndef TRAPEXIT_TESTS_UNIT_H
#define TRAPEXIT_TESTS_UNIT_H

#include <check.h>

int unit_run(Suite *suite);

#endif
