/*
 * Which boot of which machine this is. A new boot id on the same machine proves
 * that all processes of the old one are dead.
 */
#ifndef TRAPEXIT_OS_HOSTID_H
#define TRAPEXIT_OS_HOSTID_H

#define HOSTID_SIZE 40

/* Both are "" where the host has none. */
void hostid_boot(char id[HOSTID_SIZE]);
void hostid_machine(char id[HOSTID_SIZE]);

#endif
