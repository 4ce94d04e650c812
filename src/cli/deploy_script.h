/* deploy.sh, without its head; made from it by make. */
#ifndef TRAPEXIT_CLI_DEPLOY_SCRIPT_H
#define TRAPEXIT_CLI_DEPLOY_SCRIPT_H

#include <stddef.h>

/* Its lines; NULL at the end. */
extern const char *const deploy_script[];

#endif
