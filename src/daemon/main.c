#include "daemon/trapexitd.h"

int
main(int argc, char *argv[])
{
	return trapexitd_main(argc, argv);
}
