# The supervision rules against real processes, through the trapexit command: each strategy, each way to end.
EXTRA_DIST += tests/lib/otp.sh
OTP_TESTS = %D%/ends.sh %D%/escalation.sh %D%/groups.sh %D%/init.sh %D%/operations.sh %D%/retries.sh %D%/significant.sh %D%/starts.sh %D%/stops.sh %D%/twice.sh %D%/kid.sh
dist_check_SCRIPTS += $(OTP_TESTS)
TESTS += $(OTP_TESTS)

# A child that does as its arguments say.
if HAVE_CHECK
check_PROGRAMS += tests/helpers/kid
tests_helpers_kid_SOURCES = tests/helpers/kid.c
tests_helpers_kid_LDADD = src/os/libos.a $(LIB_BASE)
endif
