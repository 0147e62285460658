"""What the options of this suite's charms ask for, as typed values that the checks share."""
