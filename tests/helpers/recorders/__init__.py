"""Programs that record facts of upstream for the tests; run by hand."""
