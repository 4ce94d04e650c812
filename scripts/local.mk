# Scripts, init files, benches. What is installed here is made from the source's file by putting
# the installation's own directories in.
INIT_FILES = \
	%D%/init/trapexit %D%/init/trapexitd.service %D%/init/trapexit-agent.service \
	%D%/init/trapexit-agent.socket %D%/init/trapexit.sysusers %D%/init/trapexit.tmpfiles
EXTRA_DIST += %D%/deps %D%/test %D%/quickstart $(INIT_FILES)
