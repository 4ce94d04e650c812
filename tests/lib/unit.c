#include "unit.h"

#include <stdlib.h>
#include <sys/stat.h>

int
unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	umask(022); /* whatever the user's is */
	setenv("CK_TAP_LOG_FILE_NAME", "-", 0);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
