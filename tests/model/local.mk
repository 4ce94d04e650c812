# Spin's models of attach, lease, takeover and store. They need spin, and a minute: a stage of scripts/test.
EXTRA_DIST += %D%/run %D%/lease.pml %D%/record.pml
