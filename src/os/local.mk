# Targets of src/os.
noinst_LIBRARIES += src/os/libos.a
src_os_libos_a_SOURCES = \
	%D%/detach.c %D%/detach.h %D%/fd.c %D%/fd.h %D%/file.c %D%/file.h %D%/hostid.c %D%/hostid.h \
	%D%/lockfile.c %D%/lockfile.h %D%/notify.c %D%/notify.h \
	%D%/proc.c %D%/proc.h %D%/raw.h %D%/reap.c %D%/reap.h \
	%D%/run.c %D%/run.h %D%/sock.c %D%/sock.h %D%/spawn.c %D%/spawn.h %D%/user.c %D%/user.h
